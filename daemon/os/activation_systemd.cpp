#include <systemd/sd-daemon.h>

#include <cstdlib>

#include "daemon/os/activation.h"
#include "daemon/os/io_error.h"

// libsystemd and not a datagram of our own: it is linked for logind anyway, so it costs nothing
// more, and knows the rules (LISTEN_PID, abstract addresses) by heart.

namespace tacit {

absl::StatusOr<std::vector<ActivatedSocket>> take_activated_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return errno_error(-count, "cannot take sockets from the service manager");
  std::vector<ActivatedSocket> sockets;
  sockets.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    sockets.push_back({UniqueFd(SD_LISTEN_FDS_START + i), names ? names[i] : "unknown"});
  }
  if (names) {
    for (int i = 0; names[i]; ++i) std::free(names[i]);
    std::free(names);
  }
  return sockets;
}

void notify_manager(const std::string& state) {
  // Nobody listens, or too late: both are the manager's affair.
  (void)sd_notify(0, state.c_str());
}

}  // namespace tacit
