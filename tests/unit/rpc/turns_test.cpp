#include "daemon/rpc/turns.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit {
namespace {

using Queue = Turns<int, std::string>;
constexpr TurnLimits kWide{100, 1000, 1000, 10'000};

std::string drain(Queue& turns) {
  std::string order;
  while (!turns.empty()) order += turns.pop();
  return order;
}

TEST(Turns, OneProcessIsServedInItsOrder) {
  Queue turns(kWide);
  for (const char* item : {"a", "b", "c"}) ASSERT_TRUE(turns.push(1, item, 1));
  EXPECT_EQ(drain(turns), "abc");
}

TEST(Turns, AnHonestProcessWaitsForOneCallOfAGreedyOneAndNotForAll) {
  Queue turns(kWide);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(turns.push(1, "g", 1));
  ASSERT_TRUE(turns.push(2, "h", 1));
  EXPECT_EQ(drain(turns).find('h'), 1u);
}

TEST(Turns, ProcessesTakeTurns) {
  Queue turns(kWide);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(turns.push(1, "a", 1));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(turns.push(2, "b", 1));
  ASSERT_TRUE(turns.push(3, "c", 1));
  EXPECT_EQ(drain(turns), "abcaba");
}

TEST(Turns, OneThatComesBackGoesToTheEndOfTheRound) {
  Queue turns(kWide);
  ASSERT_TRUE(turns.push(1, "a", 1));
  ASSERT_TRUE(turns.push(2, "b", 1));
  EXPECT_EQ(turns.pop(), "a");
  turns.push_again(1, "A");
  EXPECT_EQ(drain(turns), "bA");
}

TEST(Turns, AQueueIsBoundedByCallsAndByBytes) {
  Queue turns({2, 100, 1000, 10'000});
  EXPECT_TRUE(turns.push(1, "a", 1));
  EXPECT_TRUE(turns.push(1, "b", 1));
  EXPECT_FALSE(turns.push(1, "c", 1)) << "calls";
  EXPECT_TRUE(turns.push(2, "d", 99));
  EXPECT_FALSE(turns.push(2, "e", 2)) << "bytes";
  EXPECT_EQ(drain(turns), "adb");
  EXPECT_TRUE(turns.push(2, "f", 99)) << "what was served counts no more";
}

TEST(Turns, AllTogetherAreBounded) {
  Queue turns({100, 1000, 3, 50});
  EXPECT_TRUE(turns.push(1, "a", 1));
  EXPECT_FALSE(turns.push(2, "b", 50));
  EXPECT_TRUE(turns.push(2, "b", 1));
  EXPECT_TRUE(turns.push(3, "c", 1));
  EXPECT_FALSE(turns.push(4, "d", 1));
  EXPECT_EQ(turns.size(), 3u);
}

TEST(Turns, WhatWasAdmittedBeforeIsNeverRefused) {
  Queue turns({1, 1, 1, 1});
  EXPECT_TRUE(turns.push(1, "a", 1));
  turns.push_again(1, "s");
  turns.push_again(2, "t");
  EXPECT_EQ(drain(turns), "ats");
}

}  // namespace
}  // namespace tacit
