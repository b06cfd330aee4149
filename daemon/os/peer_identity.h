// Who is at the other end of a Unix socket, as the kernel tells.
#pragma once
#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// Facts taken when the connection was accepted. `pid` alone may be used again by another
/// process; together with `start_time` (or while `pidfd` says it lives) it may not.
struct PeerIdentity {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  pid_t pid = 0;                 ///< 0: in another pid namespace, or unknown
  UniqueFd pidfd;                ///< none if the process is gone or pid is 0
  std::uint64_t start_time = 0;  ///< clock ticks since boot (proc(5), stat field 22); 0: unknown
};

/// Asks SO_PEERCRED, then SO_PEERPIDFD (Linux 6.5) or pidfd_open. Any thread; does not block.
/// A peer that has gone already is no error: pidfd is empty then.
/// Errors: kIoError, the descriptor is no connected Unix socket.
absl::StatusOr<PeerIdentity> peer_identity(int connected_socket);

/// Start time of a process in clock ticks since boot; 0 if it is gone or unreadable.
std::uint64_t process_start_time(pid_t pid);

/// Whether the process behind a pidfd still runs (a zombie does not).
bool is_alive(const UniqueFd& pidfd);

}  // namespace tacit
