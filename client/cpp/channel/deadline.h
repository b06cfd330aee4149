// A point in time by which something has to be done.
#pragma once
#include <chrono>
#include <optional>

namespace tacit {

/// On the monotonic clock, so that setting the wall clock neither cuts nor stretches a call.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline after(std::chrono::milliseconds span) { return Deadline(Clock::now() + span); }
  static Deadline never() { return Deadline({}); }
  static Deadline sooner(const Deadline& a, const Deadline& b);

  /// What is left, rounded up, not below 0; none for `never`.
  std::optional<std::chrono::milliseconds> left() const;
  bool passed() const { return at_ && Clock::now() >= *at_; }
  /// As poll(2) takes it: milliseconds, -1 for `never`.
  int poll_timeout() const;

 private:
  explicit Deadline(std::optional<Clock::time_point> at) : at_(at) {}
  std::optional<Clock::time_point> at_;
};

}  // namespace tacit
