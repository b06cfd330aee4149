#include "daemon/os/boot_time.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

bool rings(const BootClock& clock, int wait_ms = 0) {
  pollfd wait{clock.fd(), POLLIN, 0};
  return poll(&wait, 1, wait_ms) == 1;
}

TEST(BootClock, RingsAtItsTime) {
  const auto clock = make_boot_clock();
  ASSERT_TRUE(clock.ok()) << clock.status();
  BootClock& boot = **clock;
  EXPECT_FALSE(rings(boot));
  const BootTime when = boot.now() + milliseconds(20);
  boot.set_alarm(when);
  ASSERT_TRUE(rings(boot, 10'000));
  EXPECT_GE(boot.now(), when);
  boot.acknowledge();
  EXPECT_FALSE(rings(boot));
}

TEST(BootClock, ATimeThatHasPassedRingsAtOnce) {
  const auto clock = make_boot_clock();
  ASSERT_TRUE(clock.ok());
  for (const BootTime when : {BootTime(-5), BootTime(0), (*clock)->now() - hours(1)}) {
    (*clock)->set_alarm(when);
    EXPECT_TRUE(rings(**clock, 10'000));
    (*clock)->acknowledge();
  }
}

TEST(BootClock, AnAlarmIsReplacedAndSwitchedOff) {
  const auto clock = make_boot_clock();
  ASSERT_TRUE(clock.ok());
  (*clock)->set_alarm(BootTime(1));
  EXPECT_TRUE(rings(**clock, 10'000));
  (*clock)->set_alarm((*clock)->now() + hours(1));
  EXPECT_FALSE(rings(**clock));
  (*clock)->set_alarm(std::nullopt);
  EXPECT_FALSE(rings(**clock));
}

TEST(ManualBootClock, RingsWhenItIsMovedPastItsAlarm) {
  ManualBootClock clock(hours(1));
  clock.set_alarm(hours(9));
  clock.advance(hours(8) - milliseconds(1));
  EXPECT_FALSE(rings(clock));
  clock.advance(milliseconds(1));
  EXPECT_TRUE(rings(clock));
  clock.acknowledge();
  clock.advance(hours(1));
  EXPECT_FALSE(rings(clock));
  clock.set_alarm(hours(1));
  EXPECT_TRUE(rings(clock));
  clock.set_alarm(std::nullopt);
  EXPECT_FALSE(rings(clock));
}

}  // namespace
}  // namespace tacit
