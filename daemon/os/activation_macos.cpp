// The same for launchd (launch_activate_socket(3)), which is told of no readiness: it has the
// socket from the start.
#include <fcntl.h>
#include <launch.h>

#include <cerrno>
#include <cstdlib>

#include "daemon/os/activation.h"
#include "daemon/os/io_error.h"

namespace tacit {

absl::StatusOr<std::vector<ActivatedSocket>> take_activated_sockets() {
  constexpr char kName[] = "tacitd";  // the key below `Sockets` in launchd/tacitd.plist.in
  int* descriptors = nullptr;
  std::size_t count = 0;
  const int error = launch_activate_socket(kName, &descriptors, &count);
  std::vector<ActivatedSocket> sockets;
  // Not started by launchd, or by an agent without that socket.
  if (error == ESRCH || error == ENOENT) return sockets;
  if (error != 0) return errno_error(error, "cannot take sockets from launchd");
  for (std::size_t i = 0; i < count; ++i) {
    fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
    sockets.push_back({UniqueFd(descriptors[i]), kName});
  }
  std::free(descriptors);
  return sockets;
}

void notify_manager(const std::string&) {}

}  // namespace tacit
