// Tells when processes end.
#pragma once
#include <sys/types.h>

#include <utility>  // Boost 1.74 forgets it in C++20

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>

namespace tacit {

/// By a pidfd for each. Watches until the io_context ends.
class ProcessEnds {
 public:
  explicit ProcessEnds(boost::asio::io_context& io) : io_(io) {}

  /// Any thread. Calls `ended` once, on the Asio thread and never from within this call, when the
  /// process has ended; at once if it has already. Never where no descriptor is to be had.
  void watch(pid_t pid, std::uint64_t start_time, std::function<void()> ended);

 private:
  boost::asio::io_context& io_;
};

}  // namespace tacit
