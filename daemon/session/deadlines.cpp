#include "daemon/session/deadlines.h"

#include <algorithm>

namespace tacit {

void Deadlines::unlocked(BootTime now) {
  unlocked_ = true;
  since_ = last_use_ = now;
  anchor_since_.reset();
}

void Deadlines::locked() {
  unlocked_ = false;
  anchor_since_.reset();
}

void Deadlines::anchor_behind(BootTime now) {
  if (!anchor_since_) anchor_since_ = now;
}

std::optional<BootTime> Deadlines::locks_at() const {
  if (!unlocked_) return std::nullopt;
  std::optional<BootTime> at;
  if (timeouts_.idle.count() > 0) at = last_use_ + timeouts_.idle;
  if (timeouts_.hard.count() > 0) {
    const BootTime hard = since_ + timeouts_.hard;
    at = at ? std::min(*at, hard) : hard;
  }
  return at;
}

std::optional<BootTime> Deadlines::next() const {
  std::optional<BootTime> at = locks_at();
  if (anchor_since_) {
    const BootTime anchor = *anchor_since_ + kAnchorDelay;
    at = at ? std::min(*at, anchor) : anchor;
  }
  return at;
}

Deadlines::Due Deadlines::due(BootTime now) const {
  if (unlocked_ && timeouts_.hard.count() > 0 && now >= since_ + timeouts_.hard) return Due::kHard;
  if (unlocked_ && timeouts_.idle.count() > 0 && now >= last_use_ + timeouts_.idle) {
    return Due::kIdle;
  }
  if (anchor_since_ && now >= *anchor_since_ + kAnchorDelay) return Due::kAnchor;
  return Due::kNothing;
}

}  // namespace tacit
