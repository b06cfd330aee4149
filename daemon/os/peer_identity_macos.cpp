// The same for macOS: unix(4), proc_pidinfo in libproc.h, kqueue(2).
#include <libproc.h>
#include <poll.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/os/io_error.h"
#include "daemon/os/peer_identity.h"

namespace tacit {
namespace {

// A queue that becomes readable when the process ends, as a pidfd does.
UniqueFd watch_process(pid_t pid) {
  UniqueFd queue(kqueue());
  struct kevent end {};
  EV_SET(&end, static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
  if (!queue || kevent(queue.get(), &end, 1, nullptr, 0, nullptr) != 0) return {};
  return queue;
}

}  // namespace

absl::StatusOr<PeerIdentity> peer_identity(int connected_socket) {
  PeerIdentity peer;
  if (getpeereid(connected_socket, &peer.uid, &peer.gid) != 0) {
    return errno_error(errno, "cannot find out who is at the other end of a connection");
  }
  socklen_t size = sizeof peer.pid;
  if (getsockopt(connected_socket, SOL_LOCAL, LOCAL_PEERPID, &peer.pid, &size) != 0) peer.pid = 0;
  if (peer.pid > 0) peer.pidfd = watch_process(peer.pid);
  if (peer.pidfd) {
    peer.start_time = process_start_time(peer.pid);
    // Only a process that lived all the while is the one whose time was read.
    if (!is_alive(peer.pidfd)) {
      peer.start_time = 0;
      peer.pidfd.reset();
    }
  }
  return peer;
}

std::uint64_t process_start_time(pid_t pid) {
  proc_bsdinfo info{};
  if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, sizeof info) != sizeof info) return 0;
  return info.pbi_start_tvsec * 1'000'000 + info.pbi_start_tvusec;
}

bool is_alive(const UniqueFd& pidfd) {
  if (!pidfd) return false;
  pollfd wait{pidfd.get(), POLLIN, 0};
  return poll(&wait, 1, 0) == 0;
}

}  // namespace tacit
