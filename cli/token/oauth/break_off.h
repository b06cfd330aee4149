// What ends a wait early: a signal, or the end of whoever wants to know what came of it.
#pragma once
#include <chrono>

#include "tacit/client.h"  // Stopper

namespace tacit::oauth {

using Clock = std::chrono::steady_clock;

/// Not thread-safe, but that another thread or a signal handler may stop its stopper.
class BreakOff {
 public:
  /// `reader` (-1: none) is a pipe that we write: it is over once nobody reads it any more.
  explicit BreakOff(int reader = -1) : reader_(reader) {}

  Stopper& stopper() noexcept { return stopper_; }
  /// Readable once the stopper has stopped.
  int stop_fd() const noexcept { return stopper_.fd(); }
  bool came() const { return wait_until(Clock::now()); }
  /// True: it came. False: it is `when`.
  bool wait_until(Clock::time_point when) const;

 private:
  Stopper stopper_;
  int reader_;
};

}  // namespace tacit::oauth
