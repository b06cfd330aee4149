#include "daemon/session/backoff.h"

#include <gtest/gtest.h>

#include "daemon/base/status.h"

namespace tacit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ProcessKey kGuesser{100, 1};
constexpr ProcessKey kHonest{200, 2};

BackoffRules per_process() {
  BackoffRules rules;
  rules.free_failures_in_all = 1'000'000;
  return rules;
}

void fail_times(Backoff& backoff, const ProcessKey& who, int times, BootTime now) {
  for (int i = 0; i < times; ++i) backoff.failed(who, now);
}

TEST(Backoff, FourFailuresAreFree) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 4, seconds(10));
  EXPECT_TRUE(backoff.check(kGuesser, seconds(10)).ok());
}

TEST(Backoff, TheFifthCostsASecondAndEachFurtherTwiceAsMuchUpToAMinute) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 4, seconds(0));
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const BootTime now = seconds(1000);
    backoff.failed(kGuesser, now);
    const absl::Status refused = backoff.check(kGuesser, now + seconds(wait) - milliseconds(1));
    EXPECT_EQ(reason_of(refused), Reason::kBackoff) << wait;
    EXPECT_TRUE(backoff.check(kGuesser, now + seconds(wait)).ok()) << wait;
  }
}

TEST(Backoff, SaysHowLongToWait) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 8, seconds(0));
  EXPECT_NE(backoff.check(kGuesser, milliseconds(500)).message().find("8 seconds"),
            absl::string_view::npos);
}

TEST(Backoff, DoesNotDelayAnotherProcess) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 50, seconds(0));
  EXPECT_TRUE(backoff.check(kHonest, seconds(0)).ok());
  EXPECT_TRUE(backoff.check({kGuesser.pid, 99}, seconds(0)).ok()) << "the pid, used again";
}

TEST(Backoff, ASuccessForgets) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 10, seconds(0));
  backoff.succeeded(kGuesser);
  EXPECT_TRUE(backoff.check(kGuesser, seconds(0)).ok());
  EXPECT_EQ(backoff.size(), 0u);
}

TEST(Backoff, ANewProcessForEachGuessIsSlowedDownToo) {
  BackoffRules rules;
  rules.free_failures_in_all = 20;
  Backoff backoff(rules);
  for (pid_t pid = 1; pid <= 20; ++pid) backoff.failed({pid, 1}, seconds(5));
  EXPECT_EQ(reason_of(backoff.check({21, 1}, seconds(5))), Reason::kBackoff);
  EXPECT_TRUE(backoff.check({21, 1}, seconds(6)).ok());
  backoff.succeeded({21, 1});
  EXPECT_TRUE(backoff.check({22, 1}, seconds(6)).ok());
}

TEST(Backoff, TheTableIsBoundedAndForgetsTheOldest) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 20, seconds(1'000'000));
  for (pid_t pid = 1000; pid < 4000; ++pid) backoff.failed({pid, 1}, seconds(pid));
  EXPECT_EQ(backoff.size(), Backoff::kMaxEntries);
  EXPECT_FALSE(backoff.check(kGuesser, seconds(1'000'000)).ok()) << "the newest was forgotten";
}

TEST(Backoff, ManyFailuresDoNotOverflow) {
  Backoff backoff(per_process());
  fail_times(backoff, kGuesser, 1'000, seconds(0));
  EXPECT_FALSE(backoff.check(kGuesser, seconds(59)).ok());
  EXPECT_TRUE(backoff.check(kGuesser, seconds(60)).ok());
}

}  // namespace
}  // namespace tacit
