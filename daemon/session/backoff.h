// Wrong credentials slow the program that gives them down.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "absl/status/status.h"
#include "daemon/os/boot_time.h"
#include "daemon/session/process_key.h"

namespace tacit {

struct BackoffRules {
  std::uint32_t free_failures = 5;         ///< of one process, before it has to wait
  std::chrono::milliseconds first{1'000};  ///< doubles with each further failure
  std::chrono::milliseconds longest{60'000};
  /// Over all processes since the last success: from here on the whole daemon waits `first`
  /// after each failure, so that a new process for each guess gains nothing.
  std::uint32_t free_failures_in_all = 100;
};

/// Counts failures by process. The table is bounded: the entry that failed longest ago goes.
/// Vault thread.
class Backoff {
 public:
  explicit Backoff(BackoffRules rules) : rules_(rules) {}

  /// May this process try now? Errors: kBackoff, which says how long to wait.
  absl::Status check(const ProcessKey& who, BootTime now) const;
  void failed(const ProcessKey& who, BootTime now);
  void succeeded(const ProcessKey& who);

  std::size_t size() const { return failures_.size(); }
  static constexpr std::size_t kMaxEntries = 1024;

 private:
  struct Entry {
    std::uint32_t failures = 0;
    BootTime last{};
  };
  std::chrono::milliseconds delay(std::uint32_t failures) const;

  BackoffRules rules_;
  std::unordered_map<ProcessKey, Entry, ProcessKeyHash> failures_;
  std::uint32_t failures_in_all_ = 0;
  BootTime last_in_all_{};
};

}  // namespace tacit
