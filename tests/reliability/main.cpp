// Runs the tests of one program: `PROGRAM [--long] [--seed N] [--runs N] [--gtest_...]`.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/reliability/options.h"

namespace tacit::test {
namespace {
Options& given() {
  static Options options;
  return options;
}
}  // namespace
const Options& options() { return given(); }
}  // namespace tacit::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  tacit::test::Options& options = tacit::test::given();
  options.is_long = std::getenv("TACIT_TEST_LONG") != nullptr;
  options.is_brief = !options.is_long && std::getenv("TACIT_TEST_BRIEF") != nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--long") {
      options.is_long = true;
    } else if ((word == "--seed" || word == "--runs") && i + 1 < argc) {
      const std::uint64_t number = std::strtoull(argv[++i], nullptr, 10);
      (word == "--seed" ? options.seed : options.runs) = number;
    } else {
      std::fprintf(stderr, "usage: %s [--long] [--seed N] [--runs N] [--gtest_filter=...]\n",
                   argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
