// How long an honest client waits for its gets while something goes on.
#pragma once
#include <functional>
#include <string>

#include "tests/integration/harness/stock_client.h"

namespace tacit::test {

struct ReadTimes {
  std::size_t gets = 0;
  double p50 = 0;  ///< milliseconds, as are the others
  double p99 = 0;
  double longest = 0;
};

/// Gets the item `name` of `default` in a loop for as long as `more(gets)` says so; each answer
/// must be `value`.
ReadTimes read_while(StockClient& client, const std::string& name, const std::string& value,
                     const std::function<bool(std::size_t gets)>& more);

/// The figure of the product: 99 of 100 gets within 50 ms, whatever others do. A machine that is
/// slower than that by itself (`alone`, measured in the same run) is not the product's: three times
/// as long as alone will do there. Under a sanitizer nothing is judged.
testing::AssertionResult stays_responsive(const ReadTimes& beside, const ReadTimes& alone);

}  // namespace tacit::test
