// Killed before each system call that writes: what was acknowledged is there, what was not is
// wholly there or wholly absent, and the vault opens.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "tests/reliability/folders.h"
#include "tests/reliability/judged.h"
#include "tests/reliability/killed.h"
#include "tests/reliability/options.h"
#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

constexpr int kMostCalls = 20'000;

struct Totals {
  std::uint64_t points = 0;  ///< calls that there were
  std::uint64_t kills = 0;
  std::uint64_t before = 0;  ///< found as it was before
  std::uint64_t after = 0;   ///< found as acknowledged, or as it would have been
  std::uint64_t recoveries = 0;
  std::map<std::string, std::uint64_t> calls;
};

class Crash : public ::testing::Test {
 protected:
  /// One step, on one ground, killed before every `stride`-th call.
  void sweep(Ground ground, const Step& step, Totals& totals) {
    const std::string base = scratch_.path() + "/base-" + std::to_string(static_cast<int>(ground));
    auto known = grounds_.find(ground);
    if (known == grounds_.end()) known = grounds_.emplace(ground, make_ground(base, ground)).first;
    const Contents& before = known->second;
    const std::string root = scratch_.path() + "/home";
    VaultUser user(root);
    const auto prepare = [&] { return before == no_vault() || user.open().ok(); };

    // What it would be, had it not been killed.
    copy_tree(base, root);
    if (!prepare()) FAIL() << "the ground does not open";
    const absl::Status done = step.run(user, kSalt);
    ASSERT_FALSE(is_trouble(done)) << step.name << ": " << done;
    user.close();
    ASSERT_EQ(user.open(), absl::OkStatus());
    const auto after = user.contents();
    ASSERT_TRUE(after.ok()) << after.status();
    user.close();

    const std::string what = step.name + " on " + name_of(ground);
    copy_tree(base, root);
    const Ended whole = run_and_kill(0, prepare, [&] { step.run(user, kSalt).IgnoreError(); });
    ASSERT_TRUE(whole.finished) << what;
    ASSERT_LT(whole.calls, kMostCalls);
    totals.points += static_cast<std::uint64_t>(whole.calls);
    const int stride =
        options().is_long ? 1 : 1 + whole.calls * static_cast<int>(options().thinness()) / 60;
    // Each run writes a little more or less, for keys are random; the last ones are not missed.
    for (int n = 1; n <= whole.calls + 8; n += stride) {
      SharedNumber acknowledged;
      copy_tree(base, root);
      const Ended ended = run_and_kill(n, prepare, [&] {
        const absl::Status status = step.run(user, kSalt);
        acknowledged.value() = is_trouble(status) ? -1 : 1;
      });
      ASSERT_NE(acknowledged.value(), -1) << what << " failed by itself";
      if (ended.killed) ++totals.calls[ended.last_call];
      totals.kills += ended.killed ? 1 : 0;
      const std::string where =
          what + ", killed before call " + std::to_string(n) + " (" + ended.last_call + ")";
      if (ended.killed && n % 16 == 1) recover(root, where, totals);
      std::vector<const Contents*> allowed{&*after};
      if (acknowledged.value() == 0) allowed.push_back(&before);
      const Judgement judgement = judge(user, allowed);
      ASSERT_GE(judgement.which, 0) << where << ": " << judgement.why;
      ++(judgement.which == 0 ? totals.after : totals.before);
      if (!ended.killed) break;
    }
  }

  /// Killed again while it comes back, at every call of that, each time from the same remains.
  void recover(const std::string& root, const std::string& where, Totals& totals) {
    const std::string remains = scratch_.path() + "/remains";
    copy_tree(root, remains);
    VaultUser user(root);
    for (int n = 1; n < kMostCalls; ++n) {
      const Ended ended = run_and_kill(
          n, [] { return true; },
          [&] {
            user.open().IgnoreError();
            user.close();
          });
      if (!ended.killed) break;
      ++totals.recoveries;
      // The one before the last has to open what the last left; the rest go on from there.
      if (n % 4 == 0) copy_tree(remains, root);
    }
    ASSERT_FALSE(HasFailure()) << where;
  }

  static void tell(const char* what, const Totals& totals) {
    std::printf(
        "%s: %lu writing calls, %lu kills (%lu found as before, %lu as after), "
        "%lu more kills while opening; at",
        what, totals.points, totals.kills, totals.before, totals.after, totals.recoveries);
    for (const auto& [call, count] : totals.calls) {
      std::printf(" %s %lu", call.c_str(), count);
    }
    std::printf("\n");
  }

  static constexpr unsigned kSalt = 4;
  ScratchFolder scratch_;
  std::map<Ground, Contents> grounds_;
};

TEST_F(Crash, CreationLeavesAVaultOrNone) {
  Totals totals;
  const Step create{"create", [](VaultUser& user, unsigned) { return user.create(); }};
  sweep(Ground::kNothing, create, totals);
  tell("creation", totals);
  EXPECT_GT(totals.before, 0u);
  EXPECT_GT(totals.after, 0u);
}

TEST_F(Crash, EveryOperationIsWholeOrAbsent) {
  Totals totals;
  for (const Step& step : all_steps()) {
    for (const Ground ground : {Ground::kClosed, Ground::kLive}) {
      sweep(ground, step, totals);
      if (HasFatalFailure()) return;
    }
  }
  tell("operations", totals);
  EXPECT_GT(totals.before, 0u);
  EXPECT_GT(totals.after, 0u);
}

TEST_F(Crash, ACheckpointLosesNothing) {
  Totals totals;
  for (const Step& step : all_steps()) {
    sweep(Ground::kNearlyFull, step, totals);
    if (HasFatalFailure()) return;
  }
  tell("operations that bring a checkpoint", totals);
  EXPECT_GT(totals.calls["fdatasync"] + totals.calls["fsync"], 0u);
}

/// The harness itself: a vault that syncs nothing in order would still pass kills, but one that
/// acknowledges before it writes would not.
TEST_F(Crash, AnAcknowledgementThatComesTooEarlyIsFound) {
  const std::string base = scratch_.path() + "/base";
  const Contents before = make_ground(base, Ground::kLive);
  const std::string root = scratch_.path() + "/home";
  VaultUser user(root);
  copy_tree(base, root);
  ASSERT_EQ(user.open(), absl::OkStatus());
  ASSERT_EQ(find_step("set-new").run(user, kSalt), absl::OkStatus());
  const auto after = user.contents();
  ASSERT_TRUE(after.ok());
  user.close();
  copy_tree(base, root);
  const Ended ended = run_and_kill(
      2, [&] { return user.open().ok(); },
      [&] { find_step("set-new").run(user, kSalt).IgnoreError(); });
  ASSERT_TRUE(ended.killed);
  EXPECT_LT(judge(user, {&*after}).which, 0) << "held as if it had been acknowledged at call 2";
}

}  // namespace
}  // namespace tacit::test
