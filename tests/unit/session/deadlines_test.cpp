#include "daemon/session/deadlines.h"

#include <gtest/gtest.h>

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Due = Deadlines::Due;

TEST(Deadlines, IdleTimeOutCountsFromTheLastUse) {
  Deadlines deadlines({hours(8), seconds(0)});
  deadlines.unlocked(hours(1));
  EXPECT_EQ(deadlines.due(hours(9) - milliseconds(1)), Due::kNothing);
  EXPECT_EQ(deadlines.due(hours(9)), Due::kIdle);
  deadlines.active(hours(5));
  EXPECT_EQ(deadlines.due(hours(9)), Due::kNothing);
  EXPECT_EQ(deadlines.due(hours(13)), Due::kIdle);
  EXPECT_EQ(deadlines.next(), hours(13));
}

TEST(Deadlines, TimeAsleepCounts) {
  // The boot clock runs on in suspend: twelve hours later it is simply twelve hours later.
  Deadlines deadlines({hours(8), seconds(0)});
  deadlines.unlocked(hours(1));
  deadlines.active(hours(2));
  EXPECT_EQ(deadlines.due(hours(14)), Due::kIdle);
}

TEST(Deadlines, HardTimeOutCountsFromTheUnlockWhateverIsUsed) {
  Deadlines deadlines({minutes(10), minutes(30)});
  deadlines.unlocked(minutes(0));
  for (int minute = 1; minute < 30; ++minute) {
    deadlines.active(minutes(minute));
    EXPECT_EQ(deadlines.due(minutes(minute)), Due::kNothing) << minute;
  }
  EXPECT_EQ(deadlines.next(), minutes(30));
  EXPECT_EQ(deadlines.due(minutes(30)), Due::kHard);
}

TEST(Deadlines, ZeroIsNever) {
  Deadlines deadlines({seconds(0), seconds(0)});
  deadlines.unlocked(hours(1));
  EXPECT_EQ(deadlines.next(), std::nullopt);
  EXPECT_EQ(deadlines.due(hours(24 * 365 * 10)), Due::kNothing);
}

TEST(Deadlines, TheAnchorIsWrittenWithinFiveSecondsOfTheFirstChange) {
  Deadlines deadlines({hours(8), seconds(0)});
  deadlines.unlocked(seconds(100));
  deadlines.anchor_behind(seconds(200));
  deadlines.anchor_behind(seconds(203));  // a later change does not put it off
  ASSERT_TRUE(deadlines.next().has_value());
  EXPECT_LE(*deadlines.next(), seconds(205));
  EXPECT_EQ(deadlines.due(*deadlines.next()), Due::kAnchor);
  deadlines.anchor_written();
  EXPECT_EQ(deadlines.due(seconds(300)), Due::kNothing);
}

TEST(Deadlines, LockingGoesBeforeTheAnchor) {
  Deadlines deadlines({seconds(3), seconds(0)});
  deadlines.unlocked(seconds(0));
  deadlines.anchor_behind(seconds(0));
  EXPECT_EQ(deadlines.due(seconds(10)), Due::kIdle);
}

TEST(Deadlines, LockedHasNone) {
  Deadlines deadlines({hours(8), hours(9)});
  deadlines.unlocked(hours(0));
  deadlines.anchor_behind(hours(0));
  deadlines.locked();
  EXPECT_EQ(deadlines.next(), std::nullopt);
  EXPECT_EQ(deadlines.locks_at(), std::nullopt);
  EXPECT_EQ(deadlines.due(hours(100)), Due::kNothing);
}

TEST(Deadlines, UnlockingAnewStartsAnew) {
  Deadlines deadlines({hours(1), hours(2)});
  deadlines.unlocked(hours(0));
  deadlines.locked();
  deadlines.unlocked(hours(10));
  EXPECT_EQ(deadlines.due(hours(10) + minutes(59)), Due::kNothing);
  EXPECT_EQ(deadlines.locks_at(), hours(11));
}

}  // namespace
}  // namespace tacit
