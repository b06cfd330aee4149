// Makes the vault that the daemon's memory is measured with: fill_vault ROOT ITEMS.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/bench/scratch_vault.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: fill_vault ROOT ITEMS\n", stderr);
    return 2;
  }
  try {
    tacit::bench::make_vault(tacit::bench::place_below(argv[1]), std::atoi(argv[2]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fill_vault: %s\n", error.what());
    return 1;
  }
}
