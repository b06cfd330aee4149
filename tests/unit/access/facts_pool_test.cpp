#include "daemon/access/facts_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

namespace tacit {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What a thread says to another; the test fails rather than waits for ever.
class Signal {
 public:
  void give() { semaphore_.release(); }
  void take() { ASSERT_TRUE(semaphore_.try_acquire_for(seconds(30))); }
  bool given() { return semaphore_.try_acquire(); }

 private:
  std::counting_semaphore<> semaphore_{0};
};

TEST(FactsPool, DoesManyThingsOnFewThreads) {
  FactsPool pool;
  constexpr int kMany = 2000;
  std::latch done(kMany);
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  std::atomic<int> late = 0;
  for (int i = 0; i < kMany; ++i) {
    pool.run(
        [&] {
          const std::lock_guard lock(mutex);
          const auto me = std::this_thread::get_id();
          if (std::ranges::find(threads, me) == threads.end()) threads.push_back(me);
          done.count_down();
        },
        [&] { ++late; });
  }
  done.wait();
  const std::lock_guard lock(mutex);
  EXPECT_LE(threads.size(), 4u);
  EXPECT_EQ(std::ranges::count(threads, std::this_thread::get_id()), 0);
  EXPECT_EQ(late, 0);
}

TEST(FactsPool, WorkThatStallsIsCalledLateAndTheRestGoesOn) {
  FactsPool pool({milliseconds(50), 4});
  Signal stalled, release, late, came_back, other;
  const auto begun = Clock::now();
  pool.run(
      [&] {
        stalled.give();
        release.take();
        came_back.give();
      },
      [&] { late.give(); });
  stalled.take();
  pool.run([&] { other.give(); }, [] { ADD_FAILURE() << "the other threads were free"; });
  other.take();
  late.take();
  EXPECT_GE(Clock::now() - begun, milliseconds(50));
  release.give();
  came_back.take();
  EXPECT_FALSE(late.given()) << "told twice";
}

TEST(FactsPool, WithAllThreadsStuckNothingIsBegunAndNobodyWaits) {
  constexpr int kThreads = 4;
  std::optional<FactsPool> pool(std::in_place, FactsPool::Limits{milliseconds(50), kThreads});
  Signal late, back;
  std::counting_semaphore<> release(0);
  for (int i = 0; i < kThreads; ++i) {
    pool->run(
        [&] {
          release.acquire();
          back.give();
        },
        [&] { late.give(); });
  }
  Signal waited_in_vain;
  std::atomic<bool> begun = false;
  // Perhaps before the four are known to be stuck, perhaps after.
  pool->run([&] { begun = true; }, [&] { waited_in_vain.give(); });
  for (int i = 0; i < kThreads; ++i) late.take();
  waited_in_vain.take();
  EXPECT_FALSE(begun);
  bool told_at_once = false;
  pool->run([&] { begun = true; }, [&] { told_at_once = true; });
  EXPECT_TRUE(told_at_once);
  EXPECT_FALSE(begun);

  // A file system that comes back brings its threads back.
  release.release(kThreads);
  for (int i = 0; i < kThreads; ++i) back.take();
  Signal works;
  const auto end = Clock::now() + seconds(30);
  while (!works.given() && Clock::now() < end) {
    // The thread gives itself back a moment after its work is done.
    pool->run([&] { works.give(); }, [] {});
    std::this_thread::yield();
  }
  EXPECT_LT(Clock::now(), end);
  pool.reset();
}

TEST(FactsPool, EndsWithoutThreadsThatAreStuck) {
  // What a thread that outlives the test uses lives as long as it.
  const auto release = std::make_shared<std::counting_semaphore<>>(0);
  const auto back = std::make_shared<Signal>();
  Signal late;
  {
    FactsPool pool({milliseconds(50), 2});
    pool.run(
        [release, back] {
          release->acquire();
          back->give();
        },
        [&] { late.give(); });
    late.take();
  }
  release->release();
  back->take();
}

TEST(FactsPool, EndsAfterWorkThatIsUnderWay) {
  std::atomic<bool> finished = false;
  Signal begun;
  {
    FactsPool pool({seconds(20), 2});
    pool.run(
        [&] {
          begun.give();
          for (int i = 0; i < 1000; ++i) std::this_thread::yield();
          finished = true;
        },
        [] {});
    begun.take();
  }
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace tacit
