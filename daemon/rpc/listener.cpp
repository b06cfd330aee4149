#include "daemon/rpc/listener.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>

namespace tacit {
namespace {

// Accepted and not yet seen by the vault thread; more wait in the kernel's backlog.
constexpr int kMaxHandedOn = 32;
constexpr int kAcceptsAtOnce = 16;
constexpr std::chrono::milliseconds kPause{50};

UniqueFd open_reserve() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Listener::Listener(boost::asio::io_context& io, int listening, Events events)
    : io_(io),
      listening_(listening),
      events_(std::move(events)),
      reserve_(open_reserve()),
      pause_(io),
      waiter_(io, listening, [this] { accept_waiting(); }) {}

void Listener::accept_waiting() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    if (handed_on_.load() >= kMaxHandedOn) {
      waiting_for_room_ = true;
      // The last may have been handled between the two lines above.
      if (handed_on_.load() >= kMaxHandedOn) return;
      waiting_for_room_ = false;
    }
    if (!take_one()) return;
  }
  waiter_.again();
}

bool Listener::take_one() {
  UniqueFd socket(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ECONNABORTED) {
      waiter_.again();
      return false;
    }
    if (error == EMFILE || error == ENFILE) {
      reserve_.reset();
      UniqueFd(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)).reset();
      reserve_ = open_reserve();
    }
    events_.trouble(error);
    pause();
    return false;
  }
  // One that went while it waited in the backlog costs the vault thread nothing.
  char byte = 0;
  if (::recv(socket.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return true;
  absl::StatusOr<PeerIdentity> identity = peer_identity(socket.get());
  if (!identity.ok()) return true;
  if (identity->uid != ::geteuid()) {
    events_.stranger(identity->uid);
    return true;
  }
  handed_on_.fetch_add(1);
  events_.accepted({std::move(socket), *std::move(identity)});
  return true;
}

void Listener::pause() {
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) waiter_.again();
  });
}

void Listener::handled() {
  if (handed_on_.fetch_sub(1) != kMaxHandedOn) return;
  boost::asio::post(io_, [this] {
    if (std::exchange(waiting_for_room_, false)) accept_waiting();
  });
}

void Listener::stop() {
  pause_.cancel();
  waiter_.stop();
}

}  // namespace tacit
