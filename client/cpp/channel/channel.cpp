#include "client/cpp/channel/channel.h"

#include <unistd.h>

#include <utility>

#include "client/cpp/channel/reach.h"

namespace tacit {

Result<void> Channel::connect(const Deadline& deadline) {
  const pid_t self = ::getpid();
  // The parent goes on using an inherited connection: closing our descriptor says nothing to it.
  if (owner_ != self) connection_.reset();
  if (connection_ && connection_->usable()) return {};
  connection_.reset();
  auto socket =
      reach_daemon(options_.socket_path, options_.autostart, deadline, options_.cancel_fd);
  if (!socket) return socket.error();
  connection_ = std::make_unique<Connection>(std::move(*socket));
  owner_ = self;
  return {};
}

Result<void> Channel::stream(std::string_view method, MessageBuffer request,
                             const CallLimits& limits, const MessageSink& sink, int stop_fd) {
  if (request.message_size() > kMaxMessageBytes) {
    return Error{Reason::kValueTooLarge, "the request is over 1 MiB; ask for less at once"};
  }
  Call call;
  call.method = method;
  call.bytes = request.finish();
  call.silence = limits.silence;
  call.stop_fd = stop_fd;
  call.cancel_fd = options_.cancel_fd;
  call.interruptible = limits.interruptible;
  if (limits.total) call.deadline = Deadline::after(*limits.total);
  const Deadline connected_by =
      limits.total ? call.deadline : Deadline::after(options_.connect_limit);
  for (int attempt = 1;; ++attempt) {
    if (auto connected = connect(connected_by); !connected) return connected.error();
    CallEnd end = connection_->run(call, sink);
    if (!end.error) return {};
    if (end.error->code == Reason::kNoDaemon && !connection_->heard() &&
        is_managed(options_.socket_path)) {
      return Error{Reason::kNoDaemon,
                   "the service manager could not start the daemon; see `systemctl --user status "
                   "tacitd.service`"};
    }
    if (!end.unprocessed || attempt == 2) return *std::move(end.error);
    connection_.reset();
  }
}

Result<SecretBytes> Channel::unary(std::string_view method, MessageBuffer request,
                                   const CallLimits& limits) {
  std::optional<SecretBytes> reply;
  bool more = false;
  const auto done = stream(method, std::move(request), limits, [&](SecretBytes message) {
    more = reply.has_value();
    reply = std::move(message);
    return !more;
  });
  if (!done) return done.error();
  if (!reply || more) {
    return Error{Reason::kProtocol, more ? "the daemon answered twice" : "the answer is empty"};
  }
  return *std::move(reply);
}

}  // namespace tacit
