// Accepting connections, on the Asio thread.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <utility>  // Boost 1.74 forgets it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "daemon/os/peer_identity.h"
#include "daemon/os/unique_fd.h"
#include "daemon/rpc/waiter.h"

namespace tacit {

/// A connection of this user's, non-blocking.
struct Accepted {
  UniqueFd socket;
  PeerIdentity identity;
};

/// Takes connections from a listening socket, closes those of other users and hands the rest
/// on. When descriptors run out it takes and closes what waits, by one kept in reserve, so that
/// clients see an end instead of silence.
class Listener {
 public:
  struct Events {
    std::function<void(Accepted)> accepted;
    std::function<void(uid_t)> stranger;     ///< closed: another user's
    std::function<void(int error)> trouble;  ///< errno of accept4
  };
  /// `listening` stays its owner's and non-blocking.
  Listener(boost::asio::io_context& io, int listening, Events events);

  /// Any thread: the vault thread has dealt with one of the accepted.
  void handled();
  void stop();

 private:
  void accept_waiting();
  void pause();
  bool take_one();

  boost::asio::io_context& io_;
  const int listening_;
  Events events_;
  UniqueFd reserve_;
  std::atomic<int> handed_on_{0};  ///< not yet handled
  bool waiting_for_room_ = false;
  boost::asio::steady_timer pause_;
  Waiter waiter_;
};

}  // namespace tacit
