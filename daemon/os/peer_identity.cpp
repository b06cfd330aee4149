#include "daemon/os/peer_identity.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

#include "daemon/os/io_error.h"

namespace tacit {
namespace {

#ifdef SO_PEERPIDFD
constexpr int kPeerPidfdOption = SO_PEERPIDFD;
#else
constexpr int kPeerPidfdOption = 77;  // Linux 6.5; the same number wherever SO_PEERCRED is 17
#endif

// Empty if the process is gone. SO_PEERPIDFD is exact; pidfd_open by number may meet a later
// process of the same pid, which its start time gives away.
UniqueFd open_pidfd(int connected_socket, pid_t pid) {
  int fd = -1;
  socklen_t size = sizeof fd;
  if (getsockopt(connected_socket, SOL_SOCKET, kPeerPidfdOption, &fd, &size) == 0)
    return UniqueFd(fd);
  if (errno != ENOPROTOOPT || pid <= 0) return {};
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));  // close-on-exec by itself
}

}  // namespace

absl::StatusOr<PeerIdentity> peer_identity(int connected_socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(connected_socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return errno_error(errno, "cannot find out who is at the other end of a connection");
  }
  if (credentials.uid == static_cast<uid_t>(-1)) {
    return errno_error(ENOTCONN, "cannot find out who is at the other end of a connection");
  }
  PeerIdentity peer;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  peer.pidfd = open_pidfd(connected_socket, peer.pid);
  if (peer.pidfd) {
    peer.start_time = process_start_time(peer.pid);
    // Only a process that lived all the while is the one whose file was read.
    if (!is_alive(peer.pidfd)) {
      peer.start_time = 0;
      peer.pidfd.reset();
    }
  }
  return peer;
}

std::uint64_t process_start_time(pid_t pid) {
  const UniqueFd file(
      open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  std::array<char, 1024> buffer{};
  const ssize_t size = read(file.get(), buffer.data(), buffer.size());
  if (size <= 0) return 0;
  // The second field, the program's name in parentheses, may hold anything, `) ` too.
  std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return 0;
  text.remove_prefix(name_end + 1);
  for (int field = 3; field <= 22; ++field) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return 0;
    text.remove_prefix(space + 1);
  }
  std::uint64_t ticks = 0;
  std::from_chars(text.data(), text.data() + text.size(), ticks);
  return ticks;
}

bool is_alive(const UniqueFd& pidfd) {
  if (!pidfd) return false;
  pollfd wait{pidfd.get(), POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

}  // namespace tacit
