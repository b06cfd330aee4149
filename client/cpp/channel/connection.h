// One gRPC connection: HTTP/2 (RFC 9113, by nghttp2) on a connected socket.
#pragma once
#include <nghttp2/nghttp2.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/channel/call_status.h"
#include "client/cpp/channel/deadline.h"
#include "client/cpp/channel/message_buffer.h"
#include "client/cpp/channel/message_reader.h"
#include "tacit/result.h"

namespace tacit {

/// One call as the connection sees it.
struct Call {
  std::string_view method;               ///< `/package.Service/Method`
  std::span<const unsigned char> bytes;  ///< MessageBuffer::finish(); lives until the call ends
  Deadline deadline = Deadline::never();
  /// For streams that may last as long as something comes: the longest silence.
  std::optional<std::chrono::milliseconds> silence;
  int stop_fd = -1;            ///< readable: the caller gives the call up; -1: never
  int cancel_fd = -1;          ///< the same, which is kCancelled
  bool interruptible = false;  ///< a handled signal ends it with kCancelled
};

/// Takes each message as it comes; false gives the call up.
using MessageSink = std::function<bool(SecretBytes)>;

/// How a call ended.
struct CallEnd {
  std::optional<Error> error;  ///< none: the server said OK, or the caller gave the call up
  bool unprocessed = false;    ///< the server provably never looked at it
};

/// One call at a time, on the caller's thread. Received bytes are wiped as soon as they are
/// taken out; what is sent goes from the call's own buffer to the kernel. Destroying it closes
/// the descriptor and says nothing to the peer, so it is safe in a forked child.
class Connection {
 public:
  /// `socket` is connected and non-blocking. Sends nothing before the first call.
  explicit Connection(FileDescriptor socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Takes in what came while nobody called (PING, GOAWAY, the end) and tells whether a new
  /// call may start here.
  bool usable();

  /// Whether the daemon ever said anything, which is the first thing that one that serves does.
  bool heard() const { return heard_; }

  /// Exceptions of the sink pass through; the connection is then not usable any more.
  CallEnd run(const Call& call, const MessageSink& sink);

 private:
  struct Callbacks;
  enum class Io { kDone, kBlocked, kClosed };

  Io flush();
  Io receive();
  enum class Waited { kReady, kTimeout, kStopped, kCancelled, kInterrupted };
  /// Waits for the socket.
  Waited wait(const Deadline& until, bool for_writing, const Call& call);
  CallEnd exchange(const Call& call, const MessageSink& sink);
  CallEnd conclude(const Call& call, Io last);
  CallEnd give_up(std::optional<Error> error);
  bool submit(const Call& call);
  void reset_stream(std::uint32_t code);
  void close() { open_ = false; }
  bool ended() const;

  FileDescriptor socket_;
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
  std::unique_ptr<unsigned char[]> input_;
  bool open_ = true;
  bool going_away_ = false;
  bool garbled_ = false;
  bool heard_ = false;

  // Bytes on their way out: framing, then at most one piece of the call's message.
  std::vector<unsigned char> output_;
  std::size_t output_sent_ = 0;
  std::span<const unsigned char> piece_;

  // The running call.
  std::int32_t stream_ = -1;
  std::span<const unsigned char> unsent_;
  bool sent_any_ = false;  ///< the kernel took a byte since the call began
  CallStatus status_;
  MessageReader reader_;
  bool remote_done_ = false;    ///< the server has said all
  bool stream_closed_ = false;  ///< and so have we, or it was reset
  std::uint32_t reset_code_ = NGHTTP2_NO_ERROR;
};

}  // namespace tacit
