// A program that we speak to through its standard input and output, and that is gone for sure
// when we are done with it.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/pinentry/assuan.h"
#include "tacit/result.h"

namespace tacit::cli {

using Clock = std::chrono::steady_clock;

/// The part of this process's environment that a program with a window or a terminal needs. The
/// rest may hold secrets and stays here.
std::vector<std::string> window_environment();

/// Owns the process and both pipes. One thread. Never raises SIGPIPE, leaves no zombie.
class Child {
 public:
  /// How waiting for it came out.
  enum class Wait { kReady, kTimedOut, kWoken, kGone };

  /// Starts `program` (an absolute path) in `/`, with default signals, no descriptor but 0 and 1
  /// (2 is /dev/null) and `environment`. `own_group`: not reached by what the terminal sends, and
  /// ended with all that it started; must be false for a program that uses our terminal.
  /// Error kIoError.
  static Result<Child> start(const std::string& program,
                             const std::vector<std::string>& environment, bool own_group);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  /// `end` at once.
  ~Child();

  /// All of `bytes`, before `deadline`. `wake_fd` readable gives up; -1: none.
  Wait write(std::string_view bytes, Clock::time_point deadline, int wake_fd);
  /// Reads once into `lines`.
  Wait read_into(AssuanLines& lines, Clock::time_point deadline, int wake_fd);
  /// Closes its input, waits `grace` for it to go by itself, then ends it: SIGTERM, so that it can
  /// put a terminal right, SIGKILL a second later. True: it went by itself.
  bool end(std::chrono::milliseconds grace);

 private:
  Child(pid_t pid, int pidfd, int to, int from, bool own_group)
      : pid_(pid), pidfd_(pidfd), to_(to), from_(from), own_group_(own_group) {}
  bool exited_within(std::chrono::milliseconds time) const;
  void signal(int number) const;

  pid_t pid_;
  int pidfd_;
  int to_;
  int from_;
  bool own_group_;
};

}  // namespace tacit::cli
