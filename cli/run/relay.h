// One stream of the command's output on its way out, masked.
#pragma once
#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/masker.h"
#include "client/cpp/base/file_descriptor.h"

namespace tacit::cli {

/// How long bytes that may begin a value wait for more output. Fewer than kLeastMasked tell nothing
/// of a value, and a prompt may end in them.
inline constexpr std::chrono::milliseconds kFewBytesWait{50};
inline constexpr std::chrono::milliseconds kManyBytesWait{1000};

/// One thread; never blocks but for a terminal that takes nothing.
class Relay {
 public:
  using Clock = std::chrono::steady_clock;

  /// From a descriptor that never blocks to one that may.
  Relay(FileDescriptor from, int to, const MaskPatterns& patterns)
      : from_(std::move(from)), to_(to), masker_(patterns) {}

  /// What is to be waited for: reading, writing; -1: nothing.
  pollfd wants_input() const;
  pollfd wants_output() const;
  /// When what is held back is let go; none: nothing is held.
  std::optional<Clock::time_point> deadline() const;
  /// Takes what is there.
  void read();
  void write();
  void let_go_if_due(Clock::time_point now);
  /// The command has ended: only what is there already comes yet.
  void finish() noexcept { finishing_ = true; }
  /// All is told, or nobody reads it.
  bool done() const noexcept { return !from_ && pending_.empty(); }
  int from() const noexcept { return from_.get(); }

 private:
  void end_of_input();

  FileDescriptor from_;
  int to_;
  Masker masker_;
  std::string pending_;
  Clock::time_point last_{};
  bool finishing_ = false;
};

}  // namespace tacit::cli
