// Starting the daemon on behalf of a program that needs it.
#pragma once
#include <string>
#include <vector>

#include "client/cpp/channel/deadline.h"
#include "tacit/daemon.h"  // find_daemon
#include "tacit/paths.h"
#include "tacit/result.h"

namespace tacit {

/// Starts the daemon and returns when it serves (a socket of the manager's whose file was removed
/// is made anew): through the user's service manager where that runs, has tacitd.socket installed
/// and would listen on one of `places`; else by itself, as a process that no longer belongs to this
/// one. Nothing is looked up in PATH. `socket_path`: where it shall listen, empty for its own
/// choice. Errors: kNoDaemon, with the daemon's own words where it gave any; kTimeout; kCancelled
/// once `cancel_fd` (-1: none) is readable, and then it may start yet.
Result<void> start_daemon(const std::string& socket_path, const std::vector<SocketPlace>& places,
                          const Deadline& deadline, int cancel_fd = -1);

/// Some process listens on a socket that was bound to `path`, whether or not its file is there.
bool is_listened_on(const std::string& path);

/// HOME, USER, PATH, LANG, XDG_* and TACIT_* of this process, each as `NAME=value`.
std::vector<std::string> daemon_environment();

}  // namespace tacit
