#include "daemon/session/derivations.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/base/status.h"

namespace tacit {
namespace {

/// Plays the vault thread: runs what was posted when the test says so.
class PostOffice {
 public:
  Post post() {
    return [this](absl::AnyInvocable<void()> function) {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(function));
      arrived_.notify_one();
    };
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(
        arrived_.wait_for(lock, std::chrono::seconds(30), [this] { return !posted_.empty(); }));
    absl::AnyInvocable<void()> function = std::move(posted_.front());
    posted_.erase(posted_.begin());
    lock.unlock();
    function();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<absl::AnyInvocable<void()>> posted_;
};

class DerivationsTest : public testing::Test {
 protected:
  /// One that notes its steps in `log_`.
  absl::Status enqueue(pid_t pid, const std::string& name) {
    return derivations_.enqueue(
        {pid, 1},
        [this, name]() -> Work {
          log_.push_back("prepare " + name);
          return [this, name]() -> Completion {
            return [this, name] { log_.push_back("complete " + name); };
          };
        },
        [this, name] { log_.push_back("abandon " + name); }, ticket_);
  }

  std::vector<std::string> log_;
  Derivations::Ticket ticket_ = 0;
  PostOffice office_;
  Derivations derivations_{office_.post(), 2};
};

TEST_F(DerivationsTest, OneAtATimeInOrder) {
  ASSERT_TRUE(enqueue(1, "a").ok());
  ASSERT_TRUE(enqueue(2, "b").ok());
  EXPECT_EQ(log_, (std::vector<std::string>{"prepare a"}));
  office_.run_one();
  EXPECT_EQ(log_, (std::vector<std::string>{"prepare a", "complete a", "prepare b"}));
  office_.run_one();
  EXPECT_EQ(log_.back(), "complete b");
  EXPECT_FALSE(derivations_.busy());
}

TEST_F(DerivationsTest, OneAProcess) {
  ASSERT_TRUE(enqueue(1, "a").ok());
  EXPECT_EQ(reason_of(enqueue(1, "again")), Reason::kLimit) << "at work";
  ASSERT_TRUE(enqueue(2, "b").ok());
  EXPECT_EQ(reason_of(enqueue(2, "again")), Reason::kLimit) << "waiting";
  office_.run_one();
  EXPECT_TRUE(enqueue(1, "later").ok());
}

TEST_F(DerivationsTest, TheQueueIsBounded) {
  ASSERT_TRUE(enqueue(1, "at work").ok());
  ASSERT_TRUE(enqueue(2, "waits").ok());
  ASSERT_TRUE(enqueue(3, "waits").ok());
  EXPECT_EQ(reason_of(enqueue(4, "too many")), Reason::kLimit);
}

TEST_F(DerivationsTest, ACancelledOneIsAbandonedAndNeverPrepared) {
  ASSERT_TRUE(enqueue(1, "a").ok());
  ASSERT_TRUE(enqueue(2, "b").ok());
  derivations_.cancel(ticket_);
  office_.run_one();
  EXPECT_EQ(log_, (std::vector<std::string>{"prepare a", "abandon b", "complete a"}));
}

TEST_F(DerivationsTest, CancellingWhatIsAtWorkDoesNothing) {
  ASSERT_TRUE(enqueue(1, "a").ok());
  derivations_.cancel(ticket_);
  office_.run_one();
  EXPECT_EQ(log_, (std::vector<std::string>{"prepare a", "complete a"}));
}

TEST_F(DerivationsTest, APreparationThatAnswersItselfLetsTheNextGoOn) {
  ASSERT_TRUE(enqueue(1, "a").ok());
  ASSERT_TRUE(derivations_
                  .enqueue(
                      {2, 1},
                      [this]() -> Work {
                        log_.push_back("answered");
                        return nullptr;
                      },
                      [] {}, ticket_)
                  .ok());
  ASSERT_TRUE(enqueue(3, "c").ok());
  office_.run_one();
  EXPECT_EQ(log_, (std::vector<std::string>{"prepare a", "complete a", "answered", "prepare c"}));
  office_.run_one();
}

}  // namespace
}  // namespace tacit
