#include "tests/integration/harness/read_times.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace tacit::test {

ReadTimes read_while(StockClient& client, const std::string& name, const std::string& value,
                     const std::function<bool(std::size_t gets)>& more) {
  std::vector<double> times;
  while (more(times.size())) {
    const auto begin = std::chrono::steady_clock::now();
    std::string got;
    const Outcome outcome = client.get(name, &got);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    times.push_back(took.count());
    EXPECT_TRUE(succeeded(outcome));
    if (!outcome.ok()) break;
    EXPECT_EQ(got, value);
  }
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  return {times.size(), times[times.size() / 2], times[times.size() * 99 / 100], times.back()};
}

testing::AssertionResult stays_responsive(const ReadTimes& beside, const ReadTimes& alone) {
  const double longest = std::max(50.0, 3 * alone.p99);
#ifdef TACIT_SANITIZER
  return testing::AssertionSuccess();
#endif
  if (beside.p99 < longest) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "of " << beside.gets << " gets the p99 is " << beside.p99 << " ms, the longest "
         << beside.longest << "; alone the p99 is " << alone.p99;
}

}  // namespace tacit::test
