// When the unlocked vault must lock or save its anchor: pure arithmetic on the boot clock.
#pragma once
#include <chrono>
#include <optional>

#include "daemon/os/boot_time.h"

namespace tacit {

/// 0 is never.
struct Timeouts {
  std::chrono::seconds idle = std::chrono::hours(8);  ///< since the last read or write
  std::chrono::seconds hard{0};                       ///< since the unlock
};

/// How late the anchor may be behind the vault (vault.md: 5 s at most).
inline constexpr std::chrono::seconds kAnchorDelay{4};

class Deadlines {
 public:
  enum class Due { kNothing, kIdle, kHard, kAnchor };

  explicit Deadlines(Timeouts timeouts) : timeouts_(timeouts) {}

  void unlocked(BootTime now);
  void locked();
  /// A read or a write happened.
  void active(BootTime now) { last_use_ = now; }
  /// The vault is ahead of its anchor since now, or since before.
  void anchor_behind(BootTime now);
  void anchor_written() { anchor_since_.reset(); }

  /// The first moment at which `due` may say something; none: never.
  std::optional<BootTime> next() const;
  /// Locking goes before the anchor, which a lock writes anyway.
  Due due(BootTime now) const;
  /// When it locks if nobody uses it; none: never, or it is locked.
  std::optional<BootTime> locks_at() const;

 private:
  Timeouts timeouts_;
  bool unlocked_ = false;
  BootTime since_{};
  BootTime last_use_{};
  std::optional<BootTime> anchor_since_;
};

}  // namespace tacit
