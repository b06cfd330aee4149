#include "cli/token/oauth/break_off.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <climits>

namespace tacit::oauth {

bool BreakOff::wait_until(Clock::time_point when) const {
  for (;;) {
    // Of the pipe nothing is asked but its errors: that its other end was closed is one.
    std::array<pollfd, 2> entries{{{stopper_.fd(), POLLIN, 0}, {reader_, 0, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
    const int ready = ::poll(entries.data(), entries.size(),
                             static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX)));
    if (ready > 0) return true;
    if (Clock::now() >= when) return stopper_.stopped();
  }
}

}  // namespace tacit::oauth
