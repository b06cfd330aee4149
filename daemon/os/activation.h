// Started by whom: sockets handed over by the service manager, and the word that we serve.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// A listening socket from the service manager: systemd (sd_listen_fds(3)), or launchd.
struct ActivatedSocket {
  UniqueFd fd;       ///< close-on-exec
  std::string name;  ///< LISTEN_FDNAMES; `unknown` without
};

/// Takes the sockets meant for this process and unsets LISTEN_*; empty if there are none. Call
/// once, before the first thread. Errors: kInvalidArgument, malformed variables.
absl::StatusOr<std::vector<ActivatedSocket>> take_activated_sockets();

/// Sends `state` (sd_notify(3)) to the service manager, if one waits for it.
void notify_manager(const std::string& state);

/// Tells whoever started the daemon how it is doing: the service manager (NOTIFY_SOCKET,
/// sd_notify(3)) and the pipe of a client that started it. One thread.
class Readiness {
 public:
  /// `ready_fd`: write end of a pipe, or -1; owned from here on.
  explicit Readiness(int ready_fd);

  /// Serving: `READY=1`, and the line `ready` on the pipe, which is then closed.
  void ready(std::string_view status);
  /// One line of status for `systemctl status`.
  void status(std::string_view status);
  void stopping();
  /// Could not start: the line `error MESSAGE` on the pipe, which is then closed.
  void failed(std::string_view message);

 private:
  void write_line(std::string line);

  UniqueFd pipe_;
};

}  // namespace tacit
