#include "daemon/rpc/hangups.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "daemon/base/status.h"

namespace tacit {

absl::StatusOr<HangupWatch> HangupWatch::open() {
  HangupWatch watch;
  watch.epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!watch.epoll_) {
    return make_error(Reason::kInternal,
                      "epoll_create1 failed: " + std::string(std::strerror(errno)));
  }
  return watch;
}

void HangupWatch::watch(int socket, Hangup who) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  event.data.u64 = (std::uint64_t{who.generation} << 32) | static_cast<std::uint32_t>(who.number);
  // Without the watch (ENOMEM) the peer is still found by its idle time and by gRPC.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
}

void HangupWatch::unwatch(int socket) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket, nullptr); }

std::vector<HangupWatch::Hangup> HangupWatch::take() {
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  std::vector<Hangup> hangups;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
    hangups.push_back(
        {static_cast<int>(data & 0xffffffffu), static_cast<std::uint32_t>(data >> 32)});
  }
  return hangups;
}

}  // namespace tacit
