#include "client/cpp/channel/deadline.h"

#include <algorithm>
#include <climits>

namespace tacit {

Deadline Deadline::sooner(const Deadline& a, const Deadline& b) {
  if (!a.at_) return b;
  if (!b.at_) return a;
  return Deadline(std::min(*a.at_, *b.at_));
}

std::optional<std::chrono::milliseconds> Deadline::left() const {
  if (!at_) return {};
  const auto span = std::chrono::ceil<std::chrono::milliseconds>(*at_ - Clock::now());
  return std::max(span, std::chrono::milliseconds(0));
}

int Deadline::poll_timeout() const {
  const auto span = left();
  if (!span) return -1;
  return static_cast<int>(std::min<std::chrono::milliseconds::rep>(span->count(), INT_MAX));
}

}  // namespace tacit
