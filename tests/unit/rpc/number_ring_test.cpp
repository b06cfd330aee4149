#include "daemon/rpc/number_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

namespace tacit {
namespace {

constexpr NumberRange kRange{500, 4};

class NumberRingTest : public testing::Test {
 protected:
  int duplicate() { return ring_.duplicate(any_.get()); }
  void release(int number) {
    ::close(number);
    ring_.give_back(number);
  }

  UniqueFd any_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  NumberRing ring_{kRange};
};

TEST_F(NumberRingTest, GivesEachNumberOnceAndThenNone) {
  std::set<int> numbers;
  for (int i = 0; i < kRange.count; ++i) numbers.insert(duplicate());
  EXPECT_EQ(numbers, (std::set<int>{500, 501, 502, 503}));
  EXPECT_EQ(duplicate(), -1);
  for (const int number : numbers) release(number);
}

TEST_F(NumberRingTest, TheNumberFreedLongestAgoGoesFirst) {
  for (int i = 0; i < kRange.count; ++i) ASSERT_EQ(duplicate(), 500 + i);
  for (const int number : {502, 500, 503, 501}) release(number);
  for (const int number : {502, 500, 503, 501}) EXPECT_EQ(duplicate(), number);
  for (int number = 500; number < 504; ++number) release(number);
}

TEST_F(NumberRingTest, ANumberIsNotUsedAgainAtOnce) {
  const int first = duplicate();
  release(first);
  EXPECT_NE(duplicate(), first);
  release(501);
}

TEST_F(NumberRingTest, ANumberThatSomeoneElseHoldsIsPassedOver) {
  const UniqueFd taken(::fcntl(any_.get(), F_DUPFD_CLOEXEC, 500));
  ASSERT_EQ(taken.get(), 500);
  EXPECT_EQ(duplicate(), 501);
  release(501);
}

TEST_F(NumberRingTest, WhatItGivesIsClosedOnExec) {
  const int number = duplicate();
  EXPECT_EQ(::fcntl(number, F_GETFD), FD_CLOEXEC);
  release(number);
}

}  // namespace
}  // namespace tacit
