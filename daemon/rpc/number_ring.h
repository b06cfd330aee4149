// Descriptor numbers for gRPC's connections, each used again as late as possible.
#pragma once
#include <cstddef>
#include <deque>

#include "daemon/os/unique_fd.h"
#include "daemon/rpc/limits.h"

namespace tacit {

/// `grpc::ServerContext::peer()` tells a connection by its descriptor's number and nothing else.
/// The kernel gives the lowest free number at once to the next comer, which would inherit the
/// calls of the last; here the number freed longest ago goes first.
class NumberRing {
 public:
  explicit NumberRing(NumberRange range);

  /// Duplicates `socket` (close-on-exec) to a number that was free longest; -1: none is left.
  /// The number is the caller's until `give_back`.
  int duplicate(int socket);
  /// The number's descriptor is closed, and nobody will ask about it again.
  void give_back(int number) { free_.push_back(number); }
  std::size_t free_count() const { return free_.size(); }

 private:
  std::deque<int> free_;  ///< oldest freed first
};

/// F_GETFD says EBADF.
bool is_closed(int number) noexcept;

}  // namespace tacit
