// The power goes at any moment: what was acknowledged is there, what was not is wholly there or
// wholly absent, and the vault opens.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "tests/reliability/folders.h"
#include "tests/reliability/judged.h"
#include "tests/reliability/killed.h"
#include "tests/reliability/options.h"
#include "tests/reliability/power.h"
#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

constexpr int kStepsARound = 12;
constexpr int kLossesARound = 100;
constexpr int kRoundsAVault = 6;  ///< then another is made; each goes on from what a loss left

/// Some days of a vault's life, as its disk saw them.
struct Record {
  std::vector<DiskCall> calls;
  std::vector<std::string> steps;
  std::vector<Contents> states;           ///< after none, one, two... of them
  std::vector<std::size_t> acknowledged;  ///< how many calls there were by then
};

class Power : public ::testing::Test {
 protected:
  struct Totals {
    std::uint64_t losses = 0, before = 0, after = 0, calls = 0, steps = 0;
  };
  /// Calls for which it says no are not told to the model: as if nobody had made them.
  using Made = std::function<bool(const DiskCall&)>;

  /// Random steps on what lies in `root_`.
  Record live(const Contents& known, Random& random) {
    Record out;
    out.states.push_back(known);
    disk_->done = [&](const DiskCall& call) { out.calls.push_back(call); };
    VaultUser user(root_);
    bool there = known != no_vault();
    if (there) must(user.open(), "opening");
    for (int i = 0; i < kStepsARound; ++i) {
      std::string name = "create";
      if (!there) {
        must(user.create(), name);
        there = true;
        acknowledge(user, name, out);
        must(fill(user, [&] { acknowledge(user, "filling", out); }), "filling");
        continue;
      } else {
        // The large ones make everything slow; now and then is enough.
        const auto& steps = all_steps();
        const Step* step = &steps[random() % steps.size()];
        while (step->name == "set-large" && random() % 8 != 0)
          step = &steps[random() % steps.size()];
        name = step->name;
        const absl::Status status = step->run(user, static_cast<unsigned>(random() % 1000));
        if (is_trouble(status)) must(status, name);
      }
      if (!user.is_open()) must(user.open(), "opening again");
      acknowledge(user, name, out);
    }
    disk_->done = nullptr;
    return out;
  }
  static void acknowledge(VaultUser& user, const std::string& name, Record& out) {
    auto contents = user.contents();
    must(contents.status(), "reading after " + name);
    out.steps.push_back(name);
    out.states.push_back(*std::move(contents));
    out.acknowledged.push_back(out.calls.size());
  }
  static void must(const absl::Status& status, const std::string& what) {
    if (!status.ok()) throw std::runtime_error(what + ": " + status.ToString());
  }

  /// The first promise that was broken, in words.
  std::optional<std::string> run(std::uint64_t losses, std::uint64_t seed, Totals& totals,
                                 const Made& made = {}) {
    Random random(seed);
    Contents known = no_vault();
    for (int round = 0; totals.losses < losses; ++round) {
      if (round % kRoundsAVault == 0) {
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_);
        known = no_vault();
      }
      disk_.reset();  // the files below were all replaced
      disk_.emplace(root_);
      PowerModel model(root_, *disk_);
      const Record record = live(known, random);
      disk_.reset();
      totals.calls += record.calls.size();
      totals.steps += record.steps.size();
      std::vector<std::size_t> points(kLossesARound);
      for (std::size_t& point : points) point = random() % (record.calls.size() + 1);
      std::sort(points.begin(), points.end());
      std::size_t at = 0;
      for (const std::size_t point : points) {
        for (; at < point; ++at) {
          if (!made || made(record.calls[at])) model.follow(record.calls[at]);
        }
        const std::string how = model.lose(left_, random);
        if (point == points.back()) copy_tree(left_, root_);
        const std::size_t step = static_cast<std::size_t>(
            std::upper_bound(record.acknowledged.begin(), record.acknowledged.end(), point) -
            record.acknowledged.begin());
        std::vector<const Contents*> allowed{&record.states[step]};
        if (step + 1 < record.states.size()) allowed.push_back(&record.states[step + 1]);
        VaultUser user(left_);
        const Judgement judgement = judge(user, allowed);
        ++totals.losses;
        if (judgement.which < 0) {
          return "round " + std::to_string(round) + ", the power gone after call " +
                 std::to_string(point) + " of " + std::to_string(record.calls.size()) + " (" +
                 (point == 0 ? "none" : name_of(record.calls[point - 1].kind)) + " " +
                 (point == 0 ? "" : record.calls[point - 1].path) + "), in step " +
                 (step < record.steps.size() ? record.steps[step] : "none") + ", " + how + ": " +
                 judgement.why;
        }
        ++(judgement.which == 0 ? totals.before : totals.after);
        if (point == points.back()) known = *allowed[static_cast<std::size_t>(judgement.which)];
      }
    }
    return std::nullopt;
  }

  ScratchFolder scratch_;
  const std::string root_ = scratch_.path() + "/home";
  const std::string left_ = scratch_.path() + "/left";
  std::optional<WatchedDisk> disk_;
};

TEST_F(Power, NothingAcknowledgedIsLost) {
  Totals totals;
  const auto broken = run(options().count(1500, 20'000), options().seed, totals);
  EXPECT_FALSE(broken) << "seed " << options().seed << ": " << *broken;
  std::printf(
      "%lu losses of power over %lu steps (%lu calls to the disk): %lu found as "
      "acknowledged, %lu with the step that was under way; seed %lu\n",
      totals.losses, totals.steps, totals.calls, totals.before, totals.after, options().seed);
  EXPECT_GT(totals.after, 0u);
}

TEST_F(Power, TheDiskSeesEveryCallThatTheKernelSees) {
  const std::string base = scratch_.path() + "/base";
  make_ground(base, Ground::kNearlyFull);
  for (const Step& step : all_steps()) {
    copy_tree(base, root_);
    VaultUser user(root_);
    SharedNumber seen;
    const Ended ended = run_and_kill(
        0,
        [&] {
          disk_.emplace(root_);
          return user.open().ok();
        },
        [&] {
          disk_->judge = [&](const DiskCall& call) {
            const bool counts =
                call.kind != DiskCall::Kind::kCreate && call.kind != DiskCall::Kind::kMakeFolder;
            seen.value() = seen.value() + (counts ? 1 : 0);
            return Outcome{};
          };
          step.run(user, 4).IgnoreError();
        });
    ASSERT_TRUE(ended.finished) << step.name;
    // Not those of files that are there already, nor of the folders above the one that is watched.
    int counted = ended.calls;
    for (const char* name : {"open", "mkdir"}) {
      const auto found = ended.by_name.find(name);
      counted -= found == ended.by_name.end() ? 0 : found->second;
    }
    EXPECT_EQ(seen.value(), counted) << step.name;
  }
}

// Bugs on purpose: a harness that did not find them would show nothing above.

TEST_F(Power, ADatabaseThatIsNotSyncedIsFound) {
  forget_to_sync_the_database(true);
  Totals totals;
  const auto broken = run(5000, options().seed, totals);
  forget_to_sync_the_database(false);
  ASSERT_TRUE(broken);
  std::printf("found after %lu losses: %s\n", totals.losses, broken->c_str());
}

TEST_F(Power, AFolderThatIsNotSyncedIsFound) {
  Totals totals;
  const auto broken = run(5000, options().seed, totals, [](const DiskCall& call) {
    return call.kind != DiskCall::Kind::kSyncFolder;
  });
  ASSERT_TRUE(broken);
  std::printf("found after %lu losses: %s\n", totals.losses, broken->c_str());
}

TEST_F(Power, AnAnchorThatIsNotSyncedIsFound) {
  Totals totals;
  const auto broken = run(5000, options().seed, totals, [](const DiskCall& call) {
    return call.kind != DiskCall::Kind::kSync || call.path.find("anchor") == std::string::npos;
  });
  ASSERT_TRUE(broken);
  std::printf("found after %lu losses: %s\n", totals.losses, broken->c_str());
}

}  // namespace
}  // namespace tacit::test
