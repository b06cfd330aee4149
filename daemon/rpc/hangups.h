// Who has hung up: an epoll instance of our own, for gRPC tells nobody.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// Watches kill switches for EPOLLRDHUP alone, once each. `watch` and `unwatch` on the vault
/// thread, the rest on the one that waits for `fd()`.
class HangupWatch {
 public:
  static absl::StatusOr<HangupWatch> open();

  /// Readable when `take` has something to tell.
  int fd() const { return epoll_.get(); }

  struct Hangup {
    int number;
    std::uint32_t generation;
  };
  void watch(int socket, Hangup who);
  /// Before the socket is closed: gRPC's descriptor would keep the entry alive.
  void unwatch(int socket);
  /// Does not wait. One may be told that was unwatched at the same time: compare generations.
  std::vector<Hangup> take();

 private:
  HangupWatch() = default;
  UniqueFd epoll_;
};

}  // namespace tacit
