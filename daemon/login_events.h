// logind's events on the Asio thread.
#pragma once
#include <sys/types.h>

#include <utility>  // Boost 1.74 forgets it in C++20

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "daemon/os/login_watch.h"

namespace tacit {

/// Drives a LoginWatch: waits for its descriptor and its timeout. Asio thread.
class LoginEventsWatch {
 public:
  static absl::StatusOr<std::unique_ptr<LoginEventsWatch>> open(boost::asio::io_context& io,
                                                                uid_t uid, LoginEvents events);
  void let_sleep() {
    if (watch_) watch_->let_sleep();
  }
  void stop();

 private:
  LoginEventsWatch(boost::asio::io_context& io, std::unique_ptr<LoginWatch> watch);
  void wait();
  void process();

  std::unique_ptr<LoginWatch> watch_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
};

}  // namespace tacit
