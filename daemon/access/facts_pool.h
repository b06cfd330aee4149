// Threads for reads that may never come back: files of a stalled file system.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"

namespace tacit {

/// Starts threads as they are needed, and no more than `threads`. Work that has not come back after
/// `limit` counts as stuck, and its thread with it; when all are stuck, new work is not begun.
class FactsPool {
 public:
  struct Limits {
    std::chrono::milliseconds limit{200};
    std::size_t threads = 4;
  };

  explicit FactsPool(const Limits& limits);
  FactsPool() : FactsPool(Limits()) {}
  /// Waits for work in progress until it counts as stuck; then its threads are left to themselves,
  /// and may go on with their work after this object. Work that waits is dropped uncalled.
  ~FactsPool();
  FactsPool(const FactsPool&) = delete;
  FactsPool& operator=(const FactsPool&) = delete;

  /// Any thread; returns at once. `work` runs on a thread of the pool. `late` is called at most
  /// once, on any thread, this one too: the work is stuck (it may still come back), or was not
  /// begun because all threads are.
  void run(absl::AnyInvocable<void()> work, absl::AnyInvocable<void()> late);

 private:
  struct State;
  const std::shared_ptr<State> state_;  ///< shared with the threads, which may outlive this
};

}  // namespace tacit
