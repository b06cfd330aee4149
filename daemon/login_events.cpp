#include "daemon/login_events.h"

#include <poll.h>
#include <unistd.h>

namespace tacit {

absl::StatusOr<std::unique_ptr<LoginEventsWatch>> LoginEventsWatch::open(
    boost::asio::io_context& io, uid_t uid, LoginEvents events) {
  absl::StatusOr<std::unique_ptr<LoginWatch>> watch = LoginWatch::open(uid, std::move(events));
  if (!watch.ok()) return watch.status();
  return std::unique_ptr<LoginEventsWatch>(new LoginEventsWatch(io, *std::move(watch)));
}

LoginEventsWatch::LoginEventsWatch(boost::asio::io_context& io, std::unique_ptr<LoginWatch> watch)
    : watch_(std::move(watch)), descriptor_(io, ::dup(watch_->fd())), timer_(io) {
  wait();
}

void LoginEventsWatch::wait() {
  using Descriptor = boost::asio::posix::stream_descriptor;
  const auto ready = [this](const boost::system::error_code& error) {
    if (!error) process();
  };
  // Each wait that ends cancels the others and starts all anew.
  const short events = watch_->events();
  if ((events & POLLIN) != 0) descriptor_.async_wait(Descriptor::wait_read, ready);
  if ((events & POLLOUT) != 0) descriptor_.async_wait(Descriptor::wait_write, ready);
  if (const auto timeout = watch_->timeout()) {
    timer_.expires_after(*timeout);
    timer_.async_wait(ready);
  }
}

void LoginEventsWatch::process() {
  if (!watch_) return;
  descriptor_.cancel();
  timer_.cancel();
  if (watch_->process().ok()) return wait();
  stop();  // the bus has gone; time-outs still lock
}

void LoginEventsWatch::stop() {
  timer_.cancel();
  descriptor_.close();
  watch_.reset();
}

}  // namespace tacit
