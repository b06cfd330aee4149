// Waiting for descriptors on the Asio thread.
#pragma once
#include <unistd.h>

#include <utility>  // Boost 1.74 forgets it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

namespace tacit {

/// Calls `readable` each time a descriptor of someone else is readable; waits again after
/// `again()`, which may be called from any thread through `boost::asio::post`. Asio thread.
class Waiter {
 public:
  Waiter(boost::asio::io_context& io, int fd, std::function<void()> readable)
      : descriptor_(io, ::dup(fd)), readable_(std::move(readable)) {
    again();
  }
  ~Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void again() {
    if (!descriptor_.is_open()) return;
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (!error) readable_();
                           });
  }
  void stop() { descriptor_.close(); }

 private:
  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void()> readable_;
};

}  // namespace tacit
