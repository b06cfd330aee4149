// Guessing is slowed down, and unlocking at the same time from many sides is safe.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

class UnlockGuard : public DaemonTest {
 protected:
  void SetUp() override {
    start();
    pb::CreateRequest request;
    *request.add_credentials() = key_file(key_);
    *request.add_credentials() = passphrase("right");
    ASSERT_TRUE(succeeded(client_->create(request)));
    ASSERT_TRUE(succeeded(client_->lock()));
  }
};

TEST_F(UnlockGuard, FiveWrongOnesMeanAPause) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(failed_with(client_->unlock(passphrase("wrong")), "WRONG_CREDENTIAL")) << i;
  }
  EXPECT_TRUE(failed_with(client_->unlock(passphrase("wrong")), "BACKOFF"));
  EXPECT_TRUE(failed_with(client_->unlock(passphrase("right")), "BACKOFF"))
      << "the right one is not even looked at";
  EXPECT_TRUE(failed_with(connect()->unlock(passphrase("right")), "BACKOFF"))
      << "the pause is the process's, not the connection's";

  // Another process is not held up.
  pb::UnlockRequest request;
  *request.mutable_credential() = key_file(key_);
  const Exit other = run({TACIT_TEST_PEER, "call", home_.socket(), "/tacit.v1.Session/Unlock",
                          to_hex(request.SerializeAsString())},
                         {});
  EXPECT_EQ(other.code, 0) << other.errors;
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNLOCKED);

  // The pause ends by itself.
  ASSERT_TRUE(succeeded(client_->lock()));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Outcome outcome;
  do {
    outcome = client_->unlock(passphrase("right"));
  } while (outcome.reason == "BACKOFF" && std::chrono::steady_clock::now() < end);
  EXPECT_TRUE(succeeded(outcome));
}

TEST_F(UnlockGuard, WrongOnesByTheHundredDamageNothing) {
  for (int i = 0; i < 300; ++i) {
    const Outcome outcome = client_->unlock(key_file(random_bytes(32)));
    EXPECT_TRUE(failed_with(outcome, "WRONG_CREDENTIAL") || failed_with(outcome, "BACKOFF"));
  }
  restart();
  EXPECT_TRUE(succeeded(client_->unlock(passphrase("right"))));
}

TEST_F(UnlockGuard, ManyAtOnceEndUnlocked) {
  constexpr int kClients = 8;
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      const auto own = connect();
      const Outcome outcome = own->unlock(passphrase("right"));
      if (outcome.ok()) {
        ++opened;
      } else {
        // Of one process one derivation runs or waits at a time.
        EXPECT_TRUE(failed_with(outcome, "LIMIT"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(opened, 1);
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNLOCKED);
}

TEST_F(UnlockGuard, LockAndUnlockRaceWithReadersAndNobodyHangs) {
  ASSERT_TRUE(succeeded(unlock()));
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  std::atomic<int> served{0};
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      const auto own = connect();
      while (!done) {
        std::string value;
        const Outcome outcome = own->get("name", &value);
        if (outcome.ok()) {
          EXPECT_EQ(value, "value");
          ++served;
        } else {
          // At lock, connections with unsent replies are cut.
          EXPECT_TRUE(outcome.reason == "LOCKED" || outcome.code == grpc::StatusCode::UNAVAILABLE)
              << outcome;
        }
      }
    });
  }
  const auto other = connect();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(succeeded(other->lock()));
    ASSERT_TRUE(succeeded(other->unlock(key_file(key_))));
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_GT(served, 0);
}

}  // namespace
}  // namespace tacit::test
