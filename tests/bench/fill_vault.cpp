// Makes the vault that a daemon is measured with: fill_vault ROOT ITEMS [spread].
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "tests/bench/scratch_vault.h"

int main(int argc, char** argv) {
  using tacit::bench::Shape;
  const bool spread = argc == 4 && std::string_view(argv[3]) == "spread";
  if (argc != 3 && !spread) {
    std::fputs("usage: fill_vault ROOT ITEMS [spread]\n", stderr);
    return 2;
  }
  try {
    std::printf("%.3f\n",
                tacit::bench::make_vault(tacit::bench::place_below(argv[1]), std::atoi(argv[2]),
                                         spread ? Shape::kSpread : Shape::kPlain));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fill_vault: %s\n", error.what());
    return 1;
  }
}
