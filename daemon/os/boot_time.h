// Time that runs on while the machine sleeps (CLOCK_BOOTTIME), and a timer on it.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// Nanoseconds since boot, suspend included; never set back, whatever happens to the wall clock.
using BootTime = std::chrono::nanoseconds;

/// Names this boot, so that a BootTime kept for longer is not taken for another boot's; empty if
/// the system does not tell.
std::string boot_id();

/// A clock with one alarm. One thread. Time-outs take it as an argument so that tests
/// set the hour.
class BootClock {
 public:
  virtual ~BootClock() = default;
  virtual BootTime now() const = 0;
  /// Makes `fd()` readable at `when` (at once if it has passed); none: never. Replaces the last
  /// alarm.
  virtual void set_alarm(std::optional<BootTime> when) = 0;
  /// For poll or asio::posix::stream_descriptor; owned by the clock. May be readable without
  /// cause: compare now() after each wake.
  virtual int fd() const = 0;
  /// After a wake: makes `fd()` unreadable until the next alarm.
  virtual void acknowledge() = 0;
};

/// The kernel's: timerfd_create(2) on CLOCK_BOOTTIME. Errors: kInternal.
absl::StatusOr<std::unique_ptr<BootClock>> make_boot_clock();

/// A clock that a test moves by hand; `fd()` is an eventfd.
class ManualBootClock final : public BootClock {
 public:
  explicit ManualBootClock(BootTime start = {});
  BootTime now() const override { return now_; }
  void set_alarm(std::optional<BootTime> when) override;
  int fd() const override { return event_.get(); }
  void acknowledge() override;
  /// Goes on by `step`; rings if the alarm's time has come.
  void advance(std::chrono::nanoseconds step);

 private:
  void ring_if_due();
  BootTime now_;
  std::optional<BootTime> alarm_;
  UniqueFd event_;
};

}  // namespace tacit
