// Against a real D-Bus daemon; logind itself is played.
#include "daemon/os/login_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/status.h"
#include "tests/unit/os/fake_logind.h"
#include "tests/unit/os/scratch_folder.h"

namespace tacit {
namespace {

using testing::ElementsAre;

class LoginWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (bus_.address().empty()) GTEST_SKIP() << "dbus-daemon is not installed";
    logind_ = std::make_unique<FakeLogind>(bus_.address());
  }

  LoginEvents all_events() {
    LoginEvents events;
    events.before_sleep = [this] { seen_.emplace_back("before sleep"); };
    events.after_sleep = [this] { seen_.emplace_back("after sleep"); };
    events.screen_locked = [this] { seen_.emplace_back("screen locked"); };
    events.last_session_ended = [this] { seen_.emplace_back("session ended"); };
    return events;
  }
  void open(LoginEvents events) {
    auto watch = LoginWatch::open(FakeLogind::kUser, std::move(events), bus_.address());
    ASSERT_TRUE(watch.ok()) << watch.status();
    watch_ = *std::move(watch);
  }
  // Drives the watch as its owner does, until `done` or ten seconds have passed.
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      if (!watch_->process().ok()) return false;
      if (done()) return true;
      int wait_ms = 100;
      if (const auto timeout = watch_->timeout()) {
        wait_ms = std::min(wait_ms, static_cast<int>(timeout->count() / 1000) + 1);
      }
      pollfd wait{watch_->fd(), watch_->events(), 0};
      poll(&wait, 1, wait_ms);
    }
    return false;
  }
  bool run_until_seen(std::size_t count) {
    return run_until([&] { return seen_.size() >= count; });
  }
  // Nothing else may come before something that is sent later.
  void expect_only(std::vector<std::string> expected) {
    logind_->send_prepare_for_sleep(false);
    expected.emplace_back("after sleep");
    EXPECT_TRUE(run_until([&] { return !seen_.empty() && seen_.back() == "after sleep"; }));
    EXPECT_EQ(seen_, expected);
  }

  ScratchFolder scratch_;
  PrivateBus bus_{scratch_.path()};
  std::unique_ptr<FakeLogind> logind_;
  std::unique_ptr<LoginWatch> watch_;
  std::vector<std::string> seen_;
};

TEST_F(LoginWatchTest, SleepWaitsUntilTheVaultIsLocked) {
  open(all_events());
  ASSERT_TRUE(run_until([&] { return watch_->holds_inhibitor(); }));
  EXPECT_EQ(logind_->inhibit_arguments(), "sleep|Tacit|delay");

  logind_->send_prepare_for_sleep(true);
  ASSERT_TRUE(run_until_seen(1));
  EXPECT_THAT(seen_, ElementsAre("before sleep"));
  EXPECT_FALSE(logind_->inhibitor_released(0));
  watch_->let_sleep();
  EXPECT_TRUE(logind_->inhibitor_released(10'000));

  logind_->send_prepare_for_sleep(false);
  ASSERT_TRUE(run_until_seen(2));
  EXPECT_EQ(seen_.back(), "after sleep");
  EXPECT_TRUE(run_until([&] { return watch_->holds_inhibitor(); }));
  logind_->wait_for_inhibitors(2);
}

TEST_F(LoginWatchTest, WithoutAnInhibitorSleepIsStillTold) {
  logind_->refuse_inhibitors();
  LoginEvents events = all_events();
  events.no_wait = [this](const std::string& why) { seen_.push_back("no wait: " + why); };
  open(std::move(events));
  ASSERT_TRUE(run_until_seen(1));
  logind_->send_prepare_for_sleep(true);
  ASSERT_TRUE(run_until_seen(2));
  EXPECT_THAT(seen_, ElementsAre("no wait: no", "before sleep"));
  EXPECT_FALSE(watch_->holds_inhibitor());
}

TEST_F(LoginWatchTest, NothingIsInhibitedThatIsNotWanted) {
  LoginEvents events = all_events();
  events.before_sleep = nullptr;
  open(std::move(events));
  logind_->send_prepare_for_sleep(true);
  expect_only({});
  EXPECT_FALSE(watch_->holds_inhibitor());
}

TEST_F(LoginWatchTest, OnlyTheUsersOwnScreenLocks) {
  open(all_events());
  logind_->send_lock(FakeLogind::kOtherSession);
  logind_->send_locked_hint(FakeLogind::kOtherSession, true);
  logind_->send_locked_hint(FakeLogind::kOwnSession, false);
  logind_->send_lock(FakeLogind::kOwnSession);
  ASSERT_TRUE(run_until_seen(1));
  logind_->send_locked_hint(FakeLogind::kOwnSession, true);
  ASSERT_TRUE(run_until_seen(2));
  expect_only({"screen locked", "screen locked"});
}

TEST_F(LoginWatchTest, ScreenLocksAreOffUnlessWanted) {
  LoginEvents events = all_events();
  events.screen_locked = nullptr;
  open(std::move(events));
  logind_->send_lock(FakeLogind::kOwnSession);
  expect_only({});
}

TEST_F(LoginWatchTest, TheLastSessionCounts) {
  open(all_events());
  const auto run_until_asked = [this](int times) {
    return run_until([this, times] { return logind_->state_answers() >= times; });
  };
  ASSERT_EQ(logind_->state_answers(), 1);
  logind_->send_manager_signal("SessionRemoved");  // one of several: the user stays active
  ASSERT_TRUE(run_until_asked(2));
  expect_only({});  // what is sent after the answer is seen after it
  seen_.clear();

  logind_->set_user_state("lingering");
  logind_->send_manager_signal("SessionRemoved");
  ASSERT_TRUE(run_until_seen(1));
  logind_->set_user_state("offline");
  logind_->send_manager_signal("SessionRemoved");  // no second time
  ASSERT_TRUE(run_until_asked(4));
  expect_only({"session ended"});
  seen_.clear();

  logind_->set_user_state("online");
  logind_->send_manager_signal("SessionNew");
  ASSERT_TRUE(run_until_asked(5));
  expect_only({});
  seen_.clear();
  logind_->set_user_state("");
  logind_->send_manager_signal("UserRemoved");
  ASSERT_TRUE(run_until_seen(1));
  EXPECT_THAT(seen_, ElementsAre("session ended"));
}

TEST_F(LoginWatchTest, WithoutASessionNoneEnds) {
  logind_->set_user_state("");
  open(all_events());
  logind_->send_manager_signal("SessionRemoved");  // somebody else's
  expect_only({});
}

TEST_F(LoginWatchTest, ABusThatGoesAwayIsAnError) {
  open(all_events());
  logind_.reset();
  bus_.stop();
  absl::Status status;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (status.ok() && std::chrono::steady_clock::now() < end) {
    pollfd wait{watch_->fd(), watch_->events(), 0};
    poll(&wait, 1, 100);
    status = watch_->process();
  }
  EXPECT_EQ(reason_of(status), Reason::kUnsupported);
}

TEST_F(LoginWatchTest, NoLogindOnTheBusIsSaid) {
  logind_.reset();
  const auto watch = LoginWatch::open(FakeLogind::kUser, all_events(), bus_.address());
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ(reason_of(watch.status()), Reason::kUnsupported);
  EXPECT_THAT(std::string(watch.status().message()), testing::HasSubstr("no logind"));
}

TEST(LoginWatchWithoutABus, IsSaid) {
  const auto watch = LoginWatch::open(4711, {}, "unix:path=/nonexistent/bus");
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ(reason_of(watch.status()), Reason::kUnsupported);
}

}  // namespace
}  // namespace tacit
