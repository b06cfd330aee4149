// Where the daemon listens: a Unix socket that only its user reaches, and that no other
// daemon holds.
#pragma once
#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// A listening socket. Move-only; used by one thread at a time. When destroyed it removes the
/// socket file, if that is still the one it made, and gives up the lock.
class Endpoint {
 public:
  Endpoint(Endpoint&& other) noexcept;
  Endpoint& operator=(Endpoint&& other) noexcept;
  ~Endpoint();

  /// The listening descriptor: non-blocking, close-on-exec, owned by this object.
  int fd() const { return socket_.get(); }
  /// Gives the descriptor away (to an acceptor that closes it); the rest stays here.
  int release_fd() { return socket_.release(); }
  /// Empty for a socket without a file (abstract, from the service manager).
  const std::string& path() const { return path_; }
  /// The folder that holds the socket: its removal is the user's logout. Empty without a path.
  std::string folder() const;
  /// Made by the service manager, which also removes it.
  bool adopted() const { return !lock_; }
  /// Whether clients that connect to `path()` still come here: false once somebody removed the
  /// socket's file or put another in its place.
  bool in_place() const;

 private:
  friend absl::StatusOr<Endpoint> listen_on(const std::string& path);
  friend absl::StatusOr<Endpoint> adopt_listener(UniqueFd socket);
  Endpoint() = default;
  void remove_socket() noexcept;

  std::string path_;
  UniqueFd socket_;
  UniqueFd lock_;  ///< `PATH.lock`, flock held while this object lives; the file stays for ever
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// kVaultBusy, naming the process where it is known, if somebody listens on the socket at `path`.
/// Never waits. Also OK if nothing is there.
absl::Status check_nobody_listens(const std::string& path);

/// Binds `path` (absolute) and listens; the socket is 0600. Its folder is made, with what is
/// missing above, and checked as socket_folder.h says, so that a path straight in /tmp is
/// refused. A stale socket (nobody answers, and nobody holds the lock) is replaced.
/// Errors: kInvalidArgument (relative, or over kMaxSocketPath bytes); kPermissions (folder; or
/// something that is no socket of this user is in the way); kVaultBusy (another daemon is there:
/// named by pid where known, and undisturbed); kReadOnly, kDiskFull, kIoError.
absl::StatusOr<Endpoint> listen_on(const std::string& path);

/// Takes a socket from the service manager after checking that it is a listening AF_UNIX stream
/// socket. Where it has a path, its folder is checked as above, and its file must be this user's
/// and closed to others. Errors: kInvalidArgument, kPermissions, kIoError.
absl::StatusOr<Endpoint> adopt_listener(UniqueFd socket);

/// What `listen_on` takes: the first of tacit::socket_places() whose base folder exists and is this
/// user's ($TACIT_SOCKET and the state folder need none). Errors: kPermissions, no place at all.
absl::StatusOr<std::string> choose_socket_path();

}  // namespace tacit
