#include "client/cpp/channel/reach.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "client/cpp/channel/start.h"
#include "client/cpp/channel/unix_socket.h"
#include "tacit/paths.h"

namespace tacit {
namespace {

/// flock(2) cannot wait with a limit, so it is asked again after this long.
constexpr int kLockStepMs = 10;

std::vector<SocketPlace> places_of(const std::string& socket_path) {
  if (socket_path.empty()) return socket_places(::geteuid());
  return {{socket_path, "option"}};
}

Result<FileDescriptor> connect_to_any(const std::vector<SocketPlace>& places,
                                      const Deadline& deadline) {
  std::string tried;
  for (const SocketPlace& place : places) {
    auto socket = connect_to(place.path, ::geteuid(), deadline);
    if (socket || socket.error().code != Reason::kNoDaemon) return socket;
    tried += (tried.empty() ? "" : "; ") + socket.error().message;
  }
  return Error{Reason::kNoDaemon, "no daemon answers (" + tried + ")"};
}

/// What to do so that one answers.
std::string way_to_start(const std::vector<SocketPlace>& places) {
  const std::string managed = managed_socket(::geteuid());
  const auto same = [&](const SocketPlace& place) { return place.path == managed; };
  if (managed.empty() || std::ranges::none_of(places, same)) return "start it with `tacitd`";
  if (::access(managed.c_str(), F_OK) == 0) return "run `systemctl --user start tacitd.service`";
  return "the unit tacitd.socket is installed, but the file of its socket is not there: run "
         "`systemctl --user restart tacitd.socket`";
}

/// Makes a folder and those above it, each for this user alone.
void make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0700);
    if (slash == std::string::npos) return;
  }
}

/// Held by the one process that starts the daemon. Without a place for it (a read-only home)
/// everyone starts one, and the daemon refuses to run twice.
FileDescriptor open_start_lock() {
  const std::string folder = user_paths().state_dir;
  if (folder.empty()) return {};
  make_folders(folder);
  const std::string path = folder + "/start.lock";
  return FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

bool autostart_allowed() {
  const char* value = std::getenv("TACIT_AUTOSTART");
  return value == nullptr || std::string_view(value) != "0";
}

}  // namespace

bool is_managed(const std::string& socket_path) {
  return places_of(socket_path).front().path == managed_socket(::geteuid());
}

Result<FileDescriptor> reach_daemon(const std::string& socket_path, bool autostart,
                                    const Deadline& deadline, int cancel_fd) {
  const std::vector<SocketPlace> places = places_of(socket_path);
  auto found = connect_to_any(places, deadline);
  if (found || found.error().code != Reason::kNoDaemon) return found;
  if (!autostart || !autostart_allowed()) {
    return Error{Reason::kNoDaemon, found.error().message + "; " + way_to_start(places)};
  }

  const FileDescriptor lock = open_start_lock();
  while (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    if (deadline.passed()) {
      return Error{Reason::kTimeout, "another process is still starting the daemon; try again"};
    }
    pollfd cancelled{cancel_fd, POLLIN, 0};
    if (::poll(&cancelled, 1, kLockStepMs) > 0) {
      return Error{Reason::kCancelled, "the call was given up while the daemon started"};
    }
  }
  // Whoever held the lock before has started it.
  found = connect_to_any(places, deadline);
  if (found || found.error().code != Reason::kNoDaemon) return found;
  const Result<void> started = start_daemon(socket_path, places, deadline, cancel_fd);
  found = connect_to_any(places, deadline);
  if (!started && (!found || started.error().code == Reason::kCancelled)) return started.error();
  return found;
}

}  // namespace tacit
