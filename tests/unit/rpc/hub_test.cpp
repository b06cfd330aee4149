#include "daemon/rpc/hub.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit {
namespace {

TEST(Hub, TellsEachWatcherWhatItWants) {
  Hub<int> hub(10);
  int woken = 0;
  const auto even = hub.join([](int n) { return n % 2 == 0; }, [&] { ++woken; });
  const auto all = hub.join([](int) { return true; }, [] {});
  for (int n = 1; n <= 4; ++n) hub.tell(n);
  EXPECT_EQ(even->events, (std::deque<int>{2, 4}));
  EXPECT_EQ(all->events.size(), 4u);
  EXPECT_EQ(woken, 2);
}

TEST(Hub, ASlowWatcherOverflowsOnceAndKeepsNothing) {
  Hub<int> hub(3);
  const auto inbox = hub.join([](int) { return true; }, [] {});
  for (int n = 0; n < 3; ++n) hub.tell(n);
  EXPECT_FALSE(inbox->overflowed);
  hub.tell(3);
  EXPECT_TRUE(inbox->overflowed);
  EXPECT_TRUE(inbox->events.empty());
  hub.tell(4);
  EXPECT_TRUE(inbox->events.empty()) << "it is to read again what matters first";
  inbox->overflowed = false;  // the watcher was told
  hub.tell(5);
  EXPECT_EQ(inbox->events, (std::deque<int>{5}));
}

TEST(Hub, AWatcherThatIsGoneIsForgotten) {
  Hub<int> hub(3);
  auto inbox = hub.join([](int) { return true; }, [] { FAIL() << "woken after it went"; });
  EXPECT_EQ(hub.size(), 1u);
  inbox.reset();
  hub.tell(1);
  EXPECT_EQ(hub.size(), 0u);
}

TEST(Hub, TheEndForgetsWhatWasNotTold) {
  Hub<std::string> hub(3);
  bool woken = false;
  const auto inbox = hub.join([](const std::string&) { return true; }, [&] { woken = true; });
  hub.tell("a name");
  hub.end_all();
  EXPECT_TRUE(inbox->ended);
  EXPECT_TRUE(inbox->events.empty());
  EXPECT_TRUE(woken);
  hub.tell("another");
  EXPECT_TRUE(inbox->events.empty());
}

}  // namespace
}  // namespace tacit
