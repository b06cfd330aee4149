// Calls to the daemon, whatever happens to the connection between them.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/cpp/channel/connection.h"
#include "client/cpp/channel/message_buffer.h"
#include "tacit/result.h"

namespace tacit {

/// How long a call may take.
struct CallLimits {
  std::optional<std::chrono::milliseconds> total;    ///< connecting included; none: no limit
  std::optional<std::chrono::milliseconds> silence;  ///< between two messages of a stream
  bool interruptible = false;                        ///< a handled signal ends it with kCancelled
};

struct ChannelOptions {
  std::string socket_path;  ///< empty: tacit::socket_places()
  bool autostart = true;
  /// Connecting (and starting the daemon) for calls without a total.
  std::chrono::milliseconds connect_limit{10'000};
  int cancel_fd = -1;  ///< readable: every call ends with kCancelled; -1: never
};

/// Connects at the first call, again after a fork, after the daemon restarted and when the
/// daemon closes the connection. A call is sent twice only if the daemon provably never saw it.
/// One thread at a time.
class Channel {
 public:
  explicit Channel(ChannelOptions options) : options_(std::move(options)) {}

  /// One message there, one back.
  Result<SecretBytes> unary(std::string_view method, MessageBuffer request,
                            const CallLimits& limits);
  /// One message there, any number back. The sink's false ends the call well, and so does
  /// `stop_fd` (-1: none) once it is readable.
  Result<void> stream(std::string_view method, MessageBuffer request, const CallLimits& limits,
                      const MessageSink& sink, int stop_fd = -1);

 private:
  Result<void> connect(const Deadline& deadline);

  ChannelOptions options_;
  std::unique_ptr<Connection> connection_;
  pid_t owner_ = 0;  ///< the process that made the connection
};

}  // namespace tacit
