// The vault locks by itself: when nobody uses it, and after the longest time allowed.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

/// Blocks until the vault is locked (true) or half a minute has passed.
class LockWait {
 public:
  explicit LockWait(StockClient& client)
      : context_(context()), reader_(client.session().Watch(context_.get(), {})) {
    EXPECT_TRUE(reader_->Read(&event_));
  }
  bool locked() {
    while (reader_->Read(&event_)) {
      if (event_.state() == pb::VAULT_STATE_LOCKED) {
        context_->TryCancel();
        return true;
      }
    }
    return false;
  }
  const std::string& cause() const { return event_.cause(); }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<pb::SessionEvent>> reader_;
  pb::SessionEvent event_;
};

using Timeouts = DaemonTest;

TEST_F(Timeouts, AnUnusedVaultLocks) {
  configure("[session]\nidle_timeout = \"1s\"\n");
  start_unlocked();
  LockWait wait(*client_);
  ASSERT_TRUE(wait.locked());
  EXPECT_NE(wait.cause().find("idle"), std::string::npos) << wait.cause();
  EXPECT_TRUE(failed_with(client_->get("name"), "LOCKED"));
  EXPECT_TRUE(succeeded(unlock()));
}

TEST_F(Timeouts, StatusListAndWatchAreNoUse) {
  configure("[session]\nidle_timeout = \"1s\"\n");
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  std::atomic<bool> done{false};
  std::vector<std::thread> askers;
  askers.emplace_back([&] {
    const auto own = connect();
    pb::StatusReply status;
    while (!done && succeeded(own->status(status))) {
    }
  });
  askers.emplace_back([&] {
    const auto own = connect();
    std::vector<pb::ListReply> replies;
    while (
        !done &&
        own->read_all(own->secrets(), &pb::Secrets::Stub::List, pb::ListRequest{}, replies).ok()) {
      replies.clear();
    }
  });
  askers.emplace_back([&] {
    const auto own = connect();
    std::vector<pb::WatchReply> replies;
    EXPECT_TRUE(failed_with(
        own->read_all(own->secrets(), &pb::Secrets::Stub::Watch, pb::WatchRequest{}, replies),
        "LOCKED"));
  });
  LockWait wait(*client_);
  EXPECT_TRUE(wait.locked());
  done = true;
  for (auto& asker : askers) asker.join();
}

TEST_F(Timeouts, ReadsKeepItOpen) {
  configure("[session]\nidle_timeout = \"2s\"\n");
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(4500);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(succeeded(client_->get("name")));
  }
}

TEST_F(Timeouts, TheHardLimitLocksWhateverHappens) {
  configure("[session]\nidle_timeout = 0\nhard_timeout = \"1s\"\n");
  start_unlocked();
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  Outcome outcome;
  do {
    outcome = client_->get("name");
  } while (outcome.ok() && std::chrono::steady_clock::now() < end);
  EXPECT_TRUE(failed_with(outcome, "LOCKED"));
}

TEST_F(Timeouts, WithoutATimeOutStatusTellsNever) {
  configure("[session]\nidle_timeout = 0\n");
  start_unlocked();
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_EQ(status.locks_unix_ms(), 0);
}

}  // namespace
}  // namespace tacit::test
