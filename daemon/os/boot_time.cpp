#include "daemon/os/boot_time.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>

#include "daemon/os/io_error.h"

namespace tacit {
namespace {

void drain(int fd) {
  std::uint64_t count = 0;
  (void)!read(fd, &count, sizeof count);
}

class KernelBootClock final : public BootClock {
 public:
  explicit KernelBootClock(UniqueFd timer) : timer_(std::move(timer)) {}

  BootTime now() const override {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  void set_alarm(std::optional<BootTime> when) override {
    itimerspec setting{};
    if (when) {
      // Zero would switch the timer off.
      const BootTime at = std::max(*when, BootTime(1));
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
      setting.it_value.tv_sec = seconds.count();
      setting.it_value.tv_nsec = (at - seconds).count();
    }
    timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
  }

  int fd() const override { return timer_.get(); }
  void acknowledge() override { drain(timer_.get()); }

 private:
  UniqueFd timer_;
};

}  // namespace

std::string boot_id() {
  const UniqueFd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 36> id{};
  if (!file || ::read(file.get(), id.data(), id.size()) != static_cast<ssize_t>(id.size())) {
    return {};
  }
  return {id.data(), id.size()};
}

absl::StatusOr<std::unique_ptr<BootClock>> make_boot_clock() {
  UniqueFd timer(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer) return errno_error(errno, "cannot make a timer on CLOCK_BOOTTIME");
  return std::make_unique<KernelBootClock>(std::move(timer));
}

ManualBootClock::ManualBootClock(BootTime start)
    : now_(start), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void ManualBootClock::set_alarm(std::optional<BootTime> when) {
  drain(event_.get());
  alarm_ = when;
  ring_if_due();
}

void ManualBootClock::acknowledge() { drain(event_.get()); }

void ManualBootClock::advance(std::chrono::nanoseconds step) {
  now_ += step;
  ring_if_due();
}

void ManualBootClock::ring_if_due() {
  if (!alarm_ || *alarm_ > now_) return;
  alarm_.reset();
  const std::uint64_t one = 1;
  (void)!write(event_.get(), &one, sizeof one);
}

}  // namespace tacit
