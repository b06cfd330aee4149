// How much is tried, and from which seed: the same for all programs here.
#pragma once
#include <cstdint>

namespace tacit::test {

struct Options {
  bool is_long = false;    ///< --long: the full run
  bool is_brief = false;   ///< $TACIT_TEST_BRIEF, as tests/run sets it: about a quarter of a slice
  std::uint64_t seed = 1;  ///< --seed N
  std::uint64_t runs = 0;  ///< --runs N; 0: as many as the test says

  /// What a test tries: `--runs`, or one of these two.
  std::uint64_t count(std::uint64_t slice, std::uint64_t full) const {
    if (runs != 0) return runs;
    return is_long ? full : slice / thinness();
  }
  /// Of what a slice leaves out one in so many, a brief run takes the same again.
  std::uint64_t thinness() const { return is_brief ? 4 : 1; }
};
const Options& options();

}  // namespace tacit::test
