// Where Tacit's files are (XDG Base Directory Specification 0.8).
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace tacit {

/// The folders of one user, absolute, not necessarily existing.
struct Paths {
  std::string config_file;  ///< $XDG_CONFIG_HOME/tacit/config.toml
  std::string vault_dir;    ///< $XDG_DATA_HOME/tacit/vault
  std::string state_dir;    ///< $XDG_STATE_HOME/tacit: the anchor, the fallback socket
  std::string anchor_file;  ///< $XDG_STATE_HOME/tacit/anchor
};

/// Reads HOME and XDG_*; a relative XDG_* is ignored, as its specification demands; without
/// HOME the password database is asked. Throws nothing; members are empty if neither tells.
Paths user_paths();

/// One place where the daemon's socket may be, in the order in which clients look.
struct SocketPlace {
  std::string path;  ///< the socket
  std::string
      source;  ///< for messages: `TACIT_SOCKET`, `XDG_RUNTIME_DIR`, `/run/user`, `state folder`
};

/// $TACIT_SOCKET alone if set and not empty; else $XDG_RUNTIME_DIR/tacit/tacit.sock,
/// /run/user/UID/tacit/tacit.sock (if that folder is the user's own and 0700), and
/// $XDG_STATE_HOME/tacit/run/BOOT_ID/tacit.sock. The daemon listens on the first whose base
/// folder exists; a client tries them in turn. Never empty; no duplicates.
std::vector<SocketPlace> socket_places(uid_t uid);

/// Where the user's service manager listens for the daemon, or would: empty if none runs, or it has
/// no unit tacitd.socket.
std::string managed_socket(uid_t uid);

/// The longest path that fits sockaddr_un with its final NUL.
inline constexpr std::size_t kMaxSocketPath = 107;

}  // namespace tacit
