#include "daemon/session/backoff.h"

#include <algorithm>
#include <string>

#include "daemon/base/status.h"

namespace tacit {

std::chrono::milliseconds Backoff::delay(std::uint32_t failures) const {
  if (failures < rules_.free_failures) return std::chrono::milliseconds(0);
  const std::uint32_t doublings = std::min(failures - rules_.free_failures, 20u);
  return std::min(rules_.first * (std::int64_t{1} << doublings), rules_.longest);
}

absl::Status Backoff::check(const ProcessKey& who, BootTime now) const {
  BootTime until{};
  if (const auto found = failures_.find(who); found != failures_.end()) {
    until = found->second.last + delay(found->second.failures);
  }
  if (failures_in_all_ >= rules_.free_failures_in_all) {
    until = std::max<BootTime>(until, last_in_all_ + rules_.first);
  }
  if (now >= until) return absl::OkStatus();
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - now).count();
  return make_error(Reason::kBackoff, "too many wrong credentials; try again in " +
                                          std::to_string(left) +
                                          (left == 1 ? " second" : " seconds"));
}

void Backoff::failed(const ProcessKey& who, BootTime now) {
  if (failures_.size() >= kMaxEntries && !failures_.contains(who)) {
    failures_.erase(std::ranges::min_element(failures_, {},
                                             [](const auto& entry) { return entry.second.last; }));
  }
  Entry& entry = failures_[who];
  ++entry.failures;
  entry.last = now;
  ++failures_in_all_;
  last_in_all_ = now;
}

void Backoff::succeeded(const ProcessKey& who) {
  failures_.erase(who);
  failures_in_all_ = 0;
}

}  // namespace tacit
