#include "client/cpp/channel/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "client/cpp/channel/connection_callbacks.h"
#include "client/cpp/channel/reading_methods.h"

namespace tacit {
namespace {

constexpr std::size_t kInputBytes = 64 * 1024;
constexpr int kMaxIdleReads = 16;
/// After the deadline: a whole answer may be there already.
constexpr int kMaxLateReads = 32;
/// Room for a whole reply, so that a large value never waits for a window update.
constexpr std::int32_t kWindowBytes = 4 * 1024 * 1024;

Error timed_out() {
  return {Reason::kTimeout, "the daemon did not answer in time; see `tacit status`"};
}

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto raw = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {raw(name), raw(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

Connection::Connection(FileDescriptor socket)
    : socket_(std::move(socket)),
      session_(nullptr, nghttp2_session_del),
      input_(std::make_unique<unsigned char[]>(kInputBytes)) {
  session_.reset(Callbacks::make_session(*this));
  constexpr std::array<nghttp2_settings_entry, 3> kSettings{{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 16 * 1024},
  }};
  // The connection's own window is not among the settings.
  if (nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, kSettings.data(),
                              kSettings.size()) != 0 ||
      nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, kWindowBytes) !=
          0) {
    throw std::bad_alloc();
  }
}

Connection::~Connection() = default;

bool Connection::usable() {
  // Bounded, since a server that never pauses must not keep us here: the call has a deadline.
  for (int reads = 0; open_ && reads < kMaxIdleReads && receive() == Io::kDone;) ++reads;
  if (open_ && !going_away_ && nghttp2_session_want_write(session_.get()) != 0) flush();
  return open_ && !going_away_ && nghttp2_session_check_request_allowed(session_.get()) != 0;
}

CallEnd Connection::run(const Call& call, const MessageSink& sink) {
  status_ = {};
  reader_ = {};
  remote_done_ = stream_closed_ = sent_any_ = false;
  reset_code_ = NGHTTP2_NO_ERROR;
  unsent_ = call.bytes;
  // Whatever happens to the caller's buffer afterwards, no frame may still point into it.
  struct Detach {
    Connection& connection;
    bool finished = false;
    ~Detach() {
      if (!finished || !connection.piece_.empty()) connection.close();
      connection.unsent_ = connection.piece_ = {};
      connection.stream_ = -1;
    }
  } detach{*this};
  CallEnd end = exchange(call, sink);
  // Acknowledgements and the reset of an abandoned call leave at once if they can.
  if (open_ && (nghttp2_session_want_write(session_.get()) != 0 || !piece_.empty())) flush();
  detach.finished = true;
  return end;
}

bool Connection::submit(const Call& call) {
  std::array<nghttp2_nv, 8> headers;
  std::size_t count = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    headers.at(count++) = header(name, value);
  };
  add(":method", "POST");
  add(":scheme", "http");
  add(":path", call.method);
  add(":authority", "localhost");
  add("te", "trailers");
  add("content-type", "application/grpc");
  add("user-agent", "libtacit");
  std::string timeout;
  if (const auto left = call.deadline.left()) {
    timeout = grpc_timeout(left->count());
    add("grpc-timeout", timeout);
  }
  nghttp2_data_provider body{};
  body.source.ptr = this;
  body.read_callback = Callbacks::read_request;
  stream_ = nghttp2_submit_request(session_.get(), nullptr, headers.data(), count, &body, this);
  return stream_ > 0;
}

CallEnd Connection::exchange(const Call& call, const MessageSink& sink) {
  if (!submit(call)) {
    close();
    return {Error{Reason::kNoDaemon, "the connection to the daemon takes no more calls"}, true};
  }
  const auto quiet_until = [&] {
    return call.silence ? Deadline::after(*call.silence) : Deadline::never();
  };
  Deadline until = Deadline::sooner(call.deadline, quiet_until());
  int late_reads = 0;
  while (true) {
    const Io sent = flush();
    if (sent == Io::kClosed && !sent_any_) {
      close();
      return {Error{Reason::kNoDaemon, "the daemon closed the connection; try again"}, true};
    }
    const bool had_message = reader_.has_message();
    while (reader_.has_message()) {
      if (!sink(reader_.take())) return give_up({});
    }
    if (had_message) until = Deadline::sooner(call.deadline, quiet_until());
    if (reader_.problem() != MessageReader::Problem::kNone || remote_done_ || stream_closed_) {
      return conclude(call, Io::kDone);
    }
    if (open_ && ended()) {
      garbled_ = true;  // nghttp2 found a broken rule, and has told the peer
      close();
    }
    if (!open_) return conclude(call, Io::kClosed);
    switch (wait(until, sent == Io::kBlocked, call)) {
      case Waited::kTimeout:
        return give_up(timed_out());
      case Waited::kStopped:
        return give_up({});
      case Waited::kCancelled:
        return give_up(Error{Reason::kCancelled, "the call was given up"});
      case Waited::kInterrupted:
        return give_up(Error{Reason::kCancelled, "a signal interrupted the wait"});
      case Waited::kReady:
        // A server that never pauses is always ready.
        if (until.passed() && ++late_reads > kMaxLateReads) return give_up(timed_out());
        receive();
    }
  }
}

CallEnd Connection::conclude(const Call& call, Io last) {
  using Problem = MessageReader::Problem;
  if (reader_.problem() != Problem::kNone) {
    return give_up(Error{Reason::kProtocol, reader_.problem() == Problem::kTooLong
                                                ? "the daemon's answer is over 1 MiB"
                                                : "the daemon's answer is compressed"});
  }
  if (status_.has_grpc_status()) {
    // An answer before the request was sent whole: the rest is not wanted any more.
    if (!stream_closed_ && open_) reset_stream(NGHTTP2_NO_ERROR);
    if (!status_.ok()) return {status_.error()};
    if (reader_.incomplete()) {
      return {Error{Reason::kProtocol, "the daemon's answer ends in the middle of a message"}};
    }
    if (!status_.is_grpc()) return {Error{Reason::kProtocol, status_.describe_missing()}};
    return {};
  }
  if (last == Io::kClosed && garbled_) {
    return {Error{Reason::kProtocol, "what answers on the daemon's socket does not speak HTTP/2"}};
  }
  if (last == Io::kClosed) {
    return {
        Error{Reason::kNoDaemon,
              only_reads(call.method)
                  ? "the daemon went away before it had answered all; try again"
                  : "the daemon closed the connection before it answered; a change may or may not "
                    "have been made"}};
  }
  if (stream_closed_ && !remote_done_) {
    switch (reset_code_) {
      case NGHTTP2_REFUSED_STREAM:
        return {Error{Reason::kNoDaemon, "the daemon takes no calls now; try again"},
                !status_.has_headers()};
      case NGHTTP2_ENHANCE_YOUR_CALM:
        return {Error{Reason::kLimit, "the daemon is at a limit; try again later"}};
      case NGHTTP2_CANCEL:
        return {Error{Reason::kCancelled, "the daemon gave the call up"}};
      default:
        return {Error{Reason::kProtocol, "the daemon broke the call off (HTTP/2 error " +
                                             std::to_string(reset_code_) + ")"}};
    }
  }
  if (!stream_closed_ && open_) reset_stream(NGHTTP2_CANCEL);
  return {Error{Reason::kProtocol, status_.describe_missing()}};
}

CallEnd Connection::give_up(std::optional<Error> error) {
  if (open_) reset_stream(NGHTTP2_CANCEL);
  return {std::move(error)};
}

void Connection::reset_stream(std::uint32_t code) {
  unsent_ = {};
  if (nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_, code) != 0) close();
}

bool Connection::ended() const {
  return nghttp2_session_want_read(session_.get()) == 0 &&
         nghttp2_session_want_write(session_.get()) == 0;
}

Connection::Waited Connection::wait(const Deadline& until, bool for_writing, const Call& call) {
  std::array<pollfd, 3> entries{{
      {socket_.get(), static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN), 0},
      {call.stop_fd, POLLIN, 0},  // passed over when negative
      {call.cancel_fd, POLLIN, 0},
  }};
  while (true) {
    const int ready = ::poll(entries.data(), entries.size(), until.poll_timeout());
    if (ready > 0 && entries[2].revents != 0) return Waited::kCancelled;
    if (ready > 0) return entries[1].revents != 0 ? Waited::kStopped : Waited::kReady;
    if (ready < 0 && errno == EINTR && call.interruptible) return Waited::kInterrupted;
    if (ready < 0 && errno != EINTR && errno != EAGAIN) return Waited::kReady;  // recv will tell
    if (until.passed()) return Waited::kTimeout;
  }
}

Connection::Io Connection::flush() {
  while (open_) {
    if (output_.empty() && piece_.empty()) {
      if (nghttp2_session_send(session_.get()) != 0) {
        close();
        return Io::kClosed;
      }
      if (output_.empty() && piece_.empty()) return Io::kDone;
    }
    std::array<iovec, 2> parts{{
        {output_.data() + output_sent_, output_.size() - output_sent_},
        {const_cast<unsigned char*>(piece_.data()), piece_.size()},
    }};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) {
      if (errno == EINTR) continue;
      // A broken pipe is not the end: the answer may have come before.
      return errno == EAGAIN || errno == ENOBUFS ? Io::kBlocked : Io::kClosed;
    }
    const auto sent = static_cast<std::size_t>(count);
    sent_any_ = sent_any_ || sent > 0;
    const std::size_t framing = std::min(sent, output_.size() - output_sent_);
    output_sent_ += framing;
    piece_ = piece_.subspan(sent - framing);
    if (output_sent_ == output_.size()) {
      output_.clear();
      output_sent_ = 0;
    }
  }
  return Io::kClosed;
}

Connection::Io Connection::receive() {
  ssize_t count = 0;
  do {
    count = ::recv(socket_.get(), input_.get(), kInputBytes, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return Io::kBlocked;
  if (count <= 0) {
    close();
    return Io::kClosed;
  }
  heard_ = true;
  const auto size = static_cast<std::size_t>(count);
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), input_.get(), size);
  wipe(input_.get(), size);
  if (taken < 0) {
    garbled_ = true;
    close();
    return Io::kClosed;
  }
  return Io::kDone;
}

}  // namespace tacit
