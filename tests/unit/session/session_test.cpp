// The session over a real vault and a clock that is set by hand: when it locks, and that a locked
// vault gives nothing.
#include "daemon/session/session.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/session/open_vault.h"

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr UnixMillis kYear = 365LL * 24 * 3600 * 1000;
const ItemName kWhere{"default", "x"};

class SessionOverAVault : public ::testing::Test {
 protected:
  SessionOverAVault() {
    std::string pattern = ::testing::TempDir() + "tacit-session-XXXXXX";
    base_ = mkdtemp(pattern.data());
    place_ = {base_ + "/data/tacit/vault", base_ + "/state/tacit/anchor", base_ + "/run",
              base_ + "/run/tacit.sock"};
  }
  ~SessionOverAVault() override {
    session_.reset();
    fs::remove_all(base_);
  }

  /// A new vault, unlocked, with an item in it.
  void begin(Timeouts timeouts) {
    session_ = std::make_unique<Session>(
        Session::Setup{place_,
                       [this] { return wall_; },
                       &clock_,
                       timeouts,
                       [this](VaultState state, const std::string& cause) {
                         states_.push_back(state);
                         causes_.push_back(cause);
                       },
                       [this](const absl::Status& trouble) { troubles_.push_back(trouble); },
                       {}});
    ASSERT_TRUE(session_->start().ok());
    ASSERT_EQ(session_->state(), VaultState::kNone);
    ASSERT_TRUE(session_->start_creating().ok());
    const Credential credential = key_file();
    auto made = create_vault(
        place_, [this] { return wall_; }, {&credential, 1}, false, KdfParams{});
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(
        session_->opened(std::move(made->opened.file), std::move(made->opened.vault), "new").ok());
    ASSERT_TRUE(write().ok());
  }
  absl::Status unlock() {
    auto file = session_->take_file();
    if (!file.ok()) return file.status();
    OpenedVault opened = open_vault(*std::move(file), key_file());
    return session_->opened(std::move(opened.file), std::move(opened.vault), "unlocked");
  }
  static Credential key_file() {
    return {SlotKind::kKeyFile, SecretBytes::copy_of(std::string(64, 'k'))};
  }

  absl::Status write() {
    return session_
        ->with_vault(Use::kActive,
                     [](Vault& vault) {
                       ItemChange change;
                       change.value = SecretBytes::copy_of("v");
                       return vault.set(kWhere, std::move(change));
                     })
        .status();
  }
  Reason read(Use use = Use::kActive) {
    return reason_of(
        session_->with_vault(use, [](Vault& vault) { return vault.get(kWhere); }).status());
  }
  /// Time passes; the alarm is served if it rings, as the event loop does.
  void pass(std::chrono::nanoseconds time) {
    clock_.advance(time);
    session_->on_alarm();
  }
  bool unlocked() { return session_->state() == VaultState::kUnlocked; }

  std::string base_;
  VaultPlace place_;
  UnixMillis wall_ = 1'700'000'000'000;
  ManualBootClock clock_{hours(1)};
  std::vector<VaultState> states_;
  std::vector<std::string> causes_;
  std::vector<absl::Status> troubles_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionOverAVault, LocksWhenIdleAndReadsPutItOff) {
  begin({hours(8), seconds(0)});
  pass(hours(7));
  EXPECT_EQ(read(), Reason::kUnspecified);
  pass(hours(7));
  ASSERT_TRUE(unlocked());
  EXPECT_TRUE(write().ok());
  pass(hours(8) - milliseconds(1));
  ASSERT_TRUE(unlocked());
  pass(milliseconds(1));
  EXPECT_FALSE(unlocked());
  EXPECT_EQ(causes_.back(), "idle time-out");
  EXPECT_EQ(states_.back(), VaultState::kLocked);
  EXPECT_EQ(read(), Reason::kLocked);
  EXPECT_EQ(reason_of(write()), Reason::kLocked);
  ASSERT_TRUE(unlock().ok());
  EXPECT_EQ(read(), Reason::kUnspecified);
}

TEST_F(SessionOverAVault, ListsAndStatusDoNotPutItOff) {
  begin({hours(8), seconds(0)});
  for (int i = 0; i < 7; ++i) {
    pass(hours(1));
    EXPECT_EQ(read(Use::kPassive), Reason::kUnspecified);
    EXPECT_EQ(session_->state(), VaultState::kUnlocked);
    session_->slots();
    session_->refresh();
  }
  pass(hours(1));
  EXPECT_FALSE(unlocked());
}

TEST_F(SessionOverAVault, TheHardLimitHoldsWhateverIsRead) {
  begin({hours(8), hours(12)});
  for (int i = 0; i < 11; ++i) {
    pass(hours(1));
    ASSERT_EQ(read(), Reason::kUnspecified);
  }
  pass(hours(1));
  EXPECT_FALSE(unlocked());
  EXPECT_EQ(causes_.back(), "hard time-out");
}

TEST_F(SessionOverAVault, WithoutTimeOutsItStaysUnlocked) {
  begin({seconds(0), seconds(0)});
  pass(hours(24 * 365));
  EXPECT_TRUE(unlocked());
  EXPECT_EQ(session_->locks_at(), 0);
}

TEST_F(SessionOverAVault, TwelveHoursOfSleepCount) {
  begin({hours(8), seconds(0)});
  pass(minutes(10));
  // The boot clock runs on while the machine sleeps: it wakes to an alarm that is overdue.
  pass(hours(12));
  EXPECT_FALSE(unlocked());
  EXPECT_EQ(read(), Reason::kLocked);
  EXPECT_EQ(causes_.back(), "idle time-out");
}

TEST_F(SessionOverAVault, TheWallClockMovesNoTimeOut) {
  for (const UnixMillis step : {10 * kYear, -10 * kYear, -1'700'000'000'000}) {
    session_.reset();
    fs::remove_all(base_ + "/data");
    fs::remove_all(base_ + "/state");
    begin({hours(8), hours(24)});
    const UnixMillis before = wall_;
    wall_ += step;
    pass(hours(8) - milliseconds(1));
    ASSERT_TRUE(unlocked()) << step;
    // A write at that hour is as good as any, and told by the hour that was set.
    ASSERT_TRUE(write().ok()) << step;
    EXPECT_EQ(session_->locks_at(), wall_ + 8 * 3600 * 1000) << step;
    wall_ = before;
    pass(hours(8) - milliseconds(1));
    ASSERT_TRUE(unlocked()) << step;
    pass(milliseconds(1));
    EXPECT_FALSE(unlocked()) << step;
    EXPECT_EQ(causes_.back(), "idle time-out");
    ASSERT_TRUE(unlock().ok()) << step;
    EXPECT_EQ(read(), Reason::kUnspecified) << step;
  }
}

TEST_F(SessionOverAVault, TheAnchorFollowsAChangeWithinItsDelay) {
  begin({hours(8), seconds(0)});
  pass(kAnchorDelay);
  const auto written = fs::last_write_time(place_.anchor_file);
  const auto status = [&] {
    return session_->with_vault(
        Use::kPassive, [](Vault& vault) -> absl::StatusOr<bool> { return vault.anchor_due(); });
  };
  EXPECT_FALSE(*status());
  ASSERT_TRUE(write().ok());
  EXPECT_TRUE(*status());
  pass(kAnchorDelay - milliseconds(1));
  EXPECT_TRUE(*status());
  pass(milliseconds(1));
  EXPECT_FALSE(*status());
  EXPECT_NE(fs::last_write_time(place_.anchor_file), written);
  EXPECT_TRUE(troubles_.empty());
}

TEST_F(SessionOverAVault, AnotherVaultInItsPlaceIsSeenOnceLocked) {
  begin({hours(8), seconds(0)});
  fs::rename(place_.dir, place_.dir + ".away");
  EXPECT_EQ(read(), Reason::kUnspecified);
  const absl::Status refused = write();
  EXPECT_EQ(reason_of(refused), Reason::kIoError) << refused;
  EXPECT_TRUE(unlocked());  // what is open is all there is left of it
  EXPECT_TRUE(session_->lock("asked"));
  // An anchor without a vault: never taken for "no vault yet".
  EXPECT_EQ(read(), Reason::kVaultDamaged);
  EXPECT_EQ(session_->state(), VaultState::kUnusable);
  fs::rename(place_.dir + ".away", place_.dir);
  pass(seconds(2));
  session_->refresh();
  EXPECT_EQ(session_->state(), VaultState::kLocked);
  ASSERT_TRUE(unlock().ok());
  EXPECT_TRUE(write().ok());
}

}  // namespace
}  // namespace tacit
