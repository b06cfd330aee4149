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
  const std::string& path() const { return path_; }
  /// The folder that holds the socket: its removal is the user's logout. Empty for an abstract
  /// or unknown address.
  std::string folder() const;
  /// Made by the service manager, which also removes it.
  bool adopted() const { return !lock_; }

 private:
  friend absl::StatusOr<Endpoint> listen_on(const std::string& path);
  friend absl::StatusOr<Endpoint> adopt_listener(UniqueFd socket);
  Endpoint() = default;
  void remove_socket() noexcept;

  std::string path_;
  UniqueFd socket_;
  UniqueFd lock_;  ///< `PATH.lock`, flock held while this object lives
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Binds `path` (absolute) and listens, socket mode 0600. Its folder is made 0700 if missing (its
/// own parent too, for `tacit/run/BOOT_ID`), and must be a real folder, this user's and closed to
/// others. A stale socket (nobody answers, and nobody holds the lock) is replaced. Errors:
/// kInvalidArgument (relative, over kMaxSocketPath bytes, in /tmp, /var/tmp or /dev/shm);
/// kPermissions (folder's or file's type, owner or mode; something that is no socket of ours is in
/// the way); kVaultBusy (another daemon serves there: named by pid where known, and undisturbed);
/// kReadOnly, kDiskFull, kIoError.
absl::StatusOr<Endpoint> listen_on(const std::string& path);

/// Takes a listening socket from the service manager after checking that it is a listening
/// AF_UNIX stream socket. Where it has a path, its folder is checked as above, its file must be
/// this user's and 0600. Errors: kInvalidArgument, kPermissions.
absl::StatusOr<Endpoint> adopt_listener(UniqueFd socket);

/// The first of tacit::socket_places() whose base folder exists: the path that `listen_on` takes.
/// Only $TACIT_SOCKET and the state folder need no existing base. Errors: kPermissions.
absl::StatusOr<std::string> choose_socket_path();

}  // namespace tacit
