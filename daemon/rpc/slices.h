// How long a stream keeps the vault thread before others have their turn.
#pragma once
#include <chrono>

#include "daemon/rpc/limits.h"

namespace tacit {

class Slice {
 public:
  explicit Slice(const Limits& limits) : end_(std::chrono::steady_clock::now() + limits.slice) {}
  bool over() const { return std::chrono::steady_clock::now() >= end_; }

 private:
  std::chrono::steady_clock::time_point end_;
};

/// Rows asked of the vault at once: short beside a slice, long beside the cost of asking.
inline constexpr std::size_t kRowsAtOnce = 32;
/// Likewise pages of a backup, and rows of its check.
inline constexpr std::size_t kPagesAtOnce = 64;

}  // namespace tacit
