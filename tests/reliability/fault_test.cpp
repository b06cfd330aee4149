// The n-th call to the disk fails, once or from then on: what was there stays readable, the error
// names the cause, nothing is half done, and when the disk is well again so is the vault.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>

#include "daemon/base/status.h"
#include "tests/reliability/disk.h"
#include "tests/reliability/folders.h"
#include "tests/reliability/judged.h"
#include "tests/reliability/options.h"
#include "tests/reliability/steps.h"

namespace tacit::test {
namespace {

using Kind = DiskCall::Kind;

struct Fault {
  const char* name;
  int error;
  bool (*meets)(Kind);
  bool halves_writes = false;  ///< half of a write is done, the rest meets the error
  Reason reason;               ///< what the user is told
  const char* word;            ///< that the message has
};

bool any(Kind) { return true; }
bool needs_room(Kind kind) {
  return kind == Kind::kWrite || kind == Kind::kCreate || kind == Kind::kMakeFolder;
}
bool is_sync(Kind kind) { return kind == Kind::kSync || kind == Kind::kSyncFolder; }
bool is_write(Kind kind) { return kind == Kind::kWrite; }
bool changes(Kind kind) { return !is_sync(kind); }

const Fault kFaults[] = {
    {"a full disk", ENOSPC, &needs_room, false, Reason::kDiskFull, "full"},
    {"a quota reached", EDQUOT, &needs_room, false, Reason::kDiskFull, "full"},
    {"half a write on a full disk", ENOSPC, &is_write, true, Reason::kDiskFull, "full"},
    {"an I/O error", EIO, &any, false, Reason::kIoError, ""},
    {"a failed sync", EIO, &is_sync, false, Reason::kIoError, ""},
    {"a file system that became read-only", EROFS, &changes, false, Reason::kReadOnly, "read-only"},
};

struct Totals {
  std::uint64_t faults = 0, refused = 0, went_on = 0, restarts = 0, revived = 0;
};

/// How far it is from the call that failed to the next that does.
int next_after(int n) {
  if (options().is_long) return 1;
  if (options().is_brief) return n < 3 ? 1 : 1 + 2 * n;
  return n < 6 ? 1 : 1 + n / 2;
}

class Faults : public ::testing::Test {
 protected:
  void SetUp() override { disk_.emplace(root_); }

  /// Fails the n-th call that the fault meets, and with `for_good` all after it.
  void arm(const Fault& fault, int n, bool for_good) {
    met_ = 0;
    disk_->judge = [this, &fault, n, for_good](const DiskCall& call) -> Outcome {
      if (!fault.meets(call.kind)) return {};
      ++met_;
      if (met_ == n) at_ = std::string(name_of(call.kind)) + " " + call.path;
      if (met_ < n || (met_ > n && !for_good)) return {};
      if (fault.halves_writes && met_ == n) return {fault.error, call.data.size() / 2};
      return {fault.error};
    };
  }
  void disarm() { disk_->judge = nullptr; }

  static std::string told(const absl::Status& status) {
    return std::string(reason_name(reason_of(status))) + " " + std::string(status.message());
  }
  /// Empty if the user is told what is wrong.
  static std::string unfit(const absl::Status& status, const Fault& fault, bool for_good) {
    // Why a file could not be opened cannot be asked any more when that has passed.
    const bool passed = !for_good && status.message().find("cannot be opened") != std::string::npos;
    if (passed && reason_of(status) == Reason::kIoError) return "";
    const bool names_it = status.message().find(fault.word) != std::string::npos;
    if (reason_of(status) == fault.reason && names_it) return "";
    return "the error does not name the cause: " + told(status);
  }
  std::string reads(VaultUser& user, const std::vector<const Contents*>& allowed,
                    const char* when) {
    const auto found = user.contents();
    if (!found.ok()) return std::string("not readable ") + when + ": " + told(found.status());
    for (const Contents* each : allowed) {
      if (*each == *found) return "";
    }
    return std::string("not what it was ") + when + ":\n" + difference(*allowed[0], *found);
  }

  /// What was broken, or nothing. `met` tells whether there was an n-th call.
  std::string try_fault(const std::string& base, const Step& step, const Contents& before,
                        const Contents& after, const Fault& fault, int n, bool for_good, bool& met,
                        Totals& totals) {
    disarm();
    copy_tree(base, root_);
    VaultUser user(root_);
    if (before != no_vault() && step.name != "open" && !user.open().ok()) return "no ground";
    arm(fault, n, for_good);
    const absl::Status status = step.run(user, kSalt);
    met = met_ >= n;
    if (!met) {
      disarm();
      return "";
    }
    ++totals.faults;
    const bool refused = is_trouble(status);
    ++(refused ? totals.refused : totals.went_on);
    if (refused) {
      if (std::string why = unfit(status, fault, for_good); !why.empty()) return why;
    }
    const Contents& now = refused ? before : after;
    // While the trouble lasts.
    if (user.is_open()) {
      if (std::string why = reads(user, {&now}, "while it lasts"); !why.empty()) return why;
    }
    disarm();
    if (user.is_open()) {
      // The anchor that the session writes after some seconds, and then a crash.
      user.vault().write_anchor().IgnoreError();
      const std::string crashed = scratch_.path() + "/crashed";
      copy_tree(root_, crashed);
      VaultUser other(crashed);
      const Judgement judgement = judge(other, {&now, refused ? &after : &now});
      if (judgement.which < 0) return "after a crash: " + judgement.why;
      if (judgement.which == 1 && refused && after != before) ++totals.revived;
      if (std::string why = write_again(user, totals); !why.empty()) return why;
      ItemChange none;
      if (auto gone = user.vault().remove({"default", "probe"}, true, {}); !gone.ok()) {
        return "the item written afterwards: " + told(gone);
      }
      if (std::string why = reads(user, {&now}, "when it is over"); !why.empty()) return why;
      user.close();
    }
    std::vector<const Contents*> allowed{&now};
    // What was refused while nobody could look may have been done: a creation, a closing.
    if (before == no_vault()) allowed.push_back(&after);
    const Judgement judgement = judge(user, allowed);
    return judgement.which < 0 ? "at the next start: " + judgement.why : "";
  }

  /// Writing works again, or says that the vault has to be opened anew, and then it works.
  std::string write_again(VaultUser& user, Totals& totals) {
    const auto write = [&] {
      ItemChange change;
      change.value = SecretBytes::copy_of("probe");
      return user.vault().set({"default", "probe"}, std::move(change)).status();
    };
    absl::Status status = write();
    if (status.ok()) return "";
    if (status.message().find("lock") == std::string::npos) {
      return "no write goes when it is over, and nobody says what to do: " + told(status);
    }
    ++totals.restarts;
    user.close();
    status = user.open();
    if (status.ok()) status = write();
    return status.ok() ? "" : "no write goes after a restart: " + told(status);
  }

  void sweep(Ground ground, const Step& step, Totals& totals) {
    const std::string base = scratch_.path() + "/base-" + std::to_string(static_cast<int>(ground));
    auto known = grounds_.find(ground);
    if (known == grounds_.end()) known = grounds_.emplace(ground, make_ground(base, ground)).first;
    const Contents& before = known->second;
    disarm();
    copy_tree(base, root_);
    Contents after;
    {
      VaultUser user(root_);
      if (before != no_vault()) {
        ASSERT_EQ(user.open(), absl::OkStatus());
      }
      const absl::Status done = step.run(user, kSalt);
      ASSERT_FALSE(is_trouble(done)) << step.name << ": " << done;
      user.close();
      ASSERT_EQ(user.open(), absl::OkStatus());
      auto contents = user.contents();
      ASSERT_TRUE(contents.ok()) << contents.status();
      after = *std::move(contents);
    }
    for (const Fault& fault : kFaults) {
      for (const bool for_good : {false, true}) {
        bool met = true;
        // Where a step makes hundreds of calls, most of them are pages of one write.
        for (int n = 1; met; n += next_after(n)) {
          const std::string why =
              try_fault(base, step, before, after, fault, n, for_good, met, totals);
          if (why.empty()) continue;
          const std::string what = step.name + " on " + name_of(ground) + ", " + fault.name +
                                   (for_good ? " from" : " at") + " call " + std::to_string(n) +
                                   " (" + at_ + ")";
          ADD_FAILURE() << what << ": " << why;
          if (++failures_ >= 12) FAIL() << "and so on";
          break;
        }
      }
    }
  }

  static void tell(const char* what, const Totals& totals) {
    std::printf(
        "%s: %lu faults, %lu refused, %lu went on all the same, %lu asked for a restart, "
        "%lu refused writes found done after a crash\n",
        what, totals.faults, totals.refused, totals.went_on, totals.restarts, totals.revived);
  }

  static constexpr unsigned kSalt = 4;
  ScratchFolder scratch_;
  const std::string root_ = scratch_.path() + "/home";
  std::optional<WatchedDisk> disk_;
  std::map<Ground, Contents> grounds_;
  int met_ = 0;
  std::string at_;  ///< the n-th call
  int failures_ = 0;
};

TEST_F(Faults, CreationLeavesAVaultOrNone) {
  Totals totals;
  const Step create{"create", [](VaultUser& user, unsigned) { return user.create(); }};
  sweep(Ground::kNothing, create, totals);
  tell("creation", totals);
  EXPECT_GT(totals.refused, 0u);
}

TEST_F(Faults, OpeningIsRefusedOrRight) {
  Totals totals;
  const Step open{"open", [](VaultUser& user, unsigned) { return user.open(); }};
  sweep(Ground::kClosed, open, totals);
  sweep(Ground::kLive, open, totals);
  sweep(Ground::kNearlyFull, open, totals);
  tell("opening", totals);
  EXPECT_GT(totals.faults, 0u);
}

TEST_F(Faults, EveryOperationIsRefusedWhole) {
  Totals totals;
  for (const Step& step : all_steps()) {
    for (const Ground ground : {Ground::kClosed, Ground::kLive}) {
      sweep(ground, step, totals);
      if (HasFatalFailure()) return;
    }
  }
  tell("operations", totals);
  EXPECT_GT(totals.refused, 0u);
  EXPECT_GT(totals.went_on, 0u);
}

TEST_F(Faults, ACheckpointThatFailsLosesNothing) {
  Totals totals;
  for (const Step& step : all_steps()) {
    sweep(Ground::kNearlyFull, step, totals);
    if (HasFatalFailure()) return;
  }
  tell("operations that bring a checkpoint", totals);
  EXPECT_GT(totals.went_on, 0u);
}

}  // namespace
}  // namespace tacit::test
