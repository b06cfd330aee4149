#include "daemon/os/endpoint.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/os/io_error.h"
#include "daemon/os/peer_identity.h"
#include "daemon/os/socket_folder.h"
#include "tacit/paths.h"

namespace tacit {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

// `path` fits: checked by the caller.
sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

absl::StatusOr<UniqueFd> make_socket() {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  if (!fd) return errno_error(errno, "cannot make a Unix socket");
  if (fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) {
    return errno_error(errno, "cannot set up a Unix socket");
  }
  return fd;
}

absl::Status busy(const std::string& path, pid_t pid) {
  const std::string number = std::to_string(pid);
  const std::string who = pid > 0 ? " (pid " + number + ")" : "";
  const std::string how = pid > 0 ? " (kill " + number + ")" : "";
  return make_error(Reason::kVaultBusy, "another daemon" + who + " already listens on " + path +
                                            "; stop that one first" + how +
                                            ", or set TACIT_SOCKET");
}

pid_t pid_in_lock(int lock) {
  std::array<char, 24> text{};
  const ssize_t size = pread(lock, text.data(), text.size() - 1, 0);
  return size > 0 ? static_cast<pid_t>(std::strtol(text.data(), nullptr, 10)) : 0;
}

absl::Status write_pid(int lock, const std::string& path) {
  const std::string text = std::to_string(getpid()) + "\n";
  if (ftruncate(lock, 0) != 0 ||
      pwrite(lock, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return errno_error(errno, "cannot write " + path);
  }
  return absl::OkStatus();
}

// The lock file is never removed: a daemon that waits on a removed one would hold a lock that
// nobody else sees.
absl::StatusOr<UniqueFd> take_lock(const std::string& socket_path) {
  const std::string path = socket_path + ".lock";
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!lock) {
    if (errno == ELOOP) {
      return make_error(Reason::kPermissions, path + " is a symbolic link; remove it");
    }
    return errno_error(errno, "cannot open " + path);
  }
  struct stat info {};
  if (fstat(lock.get(), &info) != 0) return errno_error(errno, "cannot examine " + path);
  if (!S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
    return make_error(Reason::kPermissions, path + " is no regular file of this user; remove it");
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return busy(socket_path, pid_in_lock(lock.get()));
    return errno_error(errno, "cannot lock " + path);
  }
  if (const auto written = write_pid(lock.get(), path); !written.ok()) return written;
  return lock;
}

// Under the lock, so that no two daemons clear away at the same time.
absl::Status clear_stale_socket(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return errno_error(errno, "cannot examine " + path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return make_error(
        Reason::kPermissions,
        path + " is in the way: " + (S_ISLNK(info.st_mode) ? "a symbolic link" : "no socket") +
            "; remove it, or set TACIT_SOCKET to another place");
  }
  if (info.st_uid != geteuid()) {
    return make_error(Reason::kPermissions,
                      path + " is a socket of uid " + std::to_string(info.st_uid) +
                          "; remove it, or set TACIT_SOCKET to another place");
  }
  if (const auto live = check_nobody_listens(path); !live.ok()) return live;
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return errno_error(errno, "cannot remove the stale socket " + path);
  }
  return absl::OkStatus();
}

absl::Status check_path(const std::string& path) {
  if (path.empty() || path.front() != '/' || path.back() == '/') {
    return make_error(
        Reason::kInvalidArgument,
        "the socket's path must be absolute and end in a file's name: `" + path + "`");
  }
  if (path.size() > kMaxSocketPath) {
    return make_error(Reason::kInvalidArgument,
                      "the socket's path has " + std::to_string(path.size()) + " bytes, at most " +
                          std::to_string(kMaxSocketPath) + " are possible: " + path +
                          "; set TACIT_SOCKET to a shorter one");
  }
  if (path.find('\0') != std::string::npos) {
    return make_error(Reason::kInvalidArgument, "the socket's path has a NUL byte");
  }
  return absl::OkStatus();
}

}  // namespace

Endpoint::Endpoint(Endpoint&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      socket_(std::move(other.socket_)),
      lock_(std::move(other.lock_)),
      device_(other.device_),
      inode_(other.inode_) {}

Endpoint& Endpoint::operator=(Endpoint&& other) noexcept {
  if (this != &other) {
    remove_socket();
    path_ = std::exchange(other.path_, {});
    socket_ = std::move(other.socket_);
    lock_ = std::move(other.lock_);
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

Endpoint::~Endpoint() { remove_socket(); }

bool Endpoint::in_place() const {
  struct stat info {};
  return path_.empty() || (lstat(path_.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) &&
                           info.st_dev == device_ && info.st_ino == inode_);
}

void Endpoint::remove_socket() noexcept {
  if (lock_ && !path_.empty() && in_place()) unlink(path_.c_str());
}

// A full backlog answers EAGAIN, and means life.
absl::Status check_nobody_listens(const std::string& path) {
  auto probe = make_socket();
  if (!probe.ok()) return probe.status();
  const sockaddr_un address = address_of(path);
  if (connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const auto peer = peer_identity(probe->get());
    return busy(path, peer.ok() ? peer->pid : 0);
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return busy(path, 0);
  if (errno == ECONNREFUSED || errno == ENOENT) return absl::OkStatus();
  return errno_error(errno, "cannot find out whether a daemon listens on " + path);
}

std::string Endpoint::folder() const { return folder_of(path_); }

absl::StatusOr<Endpoint> listen_on(const std::string& path) {
  if (const auto checked = check_path(path); !checked.ok()) return checked;
  if (const auto made = make_socket_folder(folder_of(path)); !made.ok()) return made;
  auto lock = take_lock(path);
  if (!lock.ok()) return lock.status();
  if (const auto cleared = clear_stale_socket(path); !cleared.ok()) return cleared;
  auto fd = make_socket();
  if (!fd.ok()) return fd.status();

  const sockaddr_un address = address_of(path);
  if (bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errno_error(errno, "cannot bind " + path);
  }
  Endpoint endpoint;
  endpoint.path_ = path;
  endpoint.socket_ = *std::move(fd);
  endpoint.lock_ = *std::move(lock);
  struct stat info {};
  // Until now the folder's mode kept others out.
  if (chmod(path.c_str(), 0600) != 0 || lstat(path.c_str(), &info) != 0) {
    const int number = errno;
    unlink(path.c_str());
    return errno_error(number, "cannot set the mode of " + path);
  }
  endpoint.device_ = info.st_dev;
  endpoint.inode_ = info.st_ino;
  if (listen(endpoint.fd(), SOMAXCONN) != 0) return errno_error(errno, "cannot listen on " + path);
  return endpoint;
}

absl::StatusOr<Endpoint> adopt_listener(UniqueFd socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return errno_error(errno, "the service manager passed something that is no socket");
  }
  int type = 0;
  int listening = 0;
  socklen_t length = sizeof type;
  getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &length);
  length = sizeof listening;
  getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
  if (address.sun_family != AF_UNIX || type != SOCK_STREAM || !listening) {
    return make_error(Reason::kInvalidArgument,
                      "the service manager passed a socket that is no listening Unix stream "
                      "socket; see `ListenStream=` in the socket unit");
  }
  if (fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0) {
    return errno_error(errno, "cannot set up the socket of the service manager");
  }
  Endpoint endpoint;
  endpoint.socket_ = std::move(socket);
  constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);
  if (size <= kPathOffset || address.sun_path[0] == '\0') return endpoint;

  endpoint.path_.assign(address.sun_path, strnlen(address.sun_path, size - kPathOffset));
  if (const auto checked = check_socket_folder(endpoint.folder()); !checked.ok()) return checked;
  struct stat info {};
  if (lstat(endpoint.path_.c_str(), &info) != 0) {
    return errno_error(errno, "cannot examine " + endpoint.path_);
  }
  if (!S_ISSOCK(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077)) {
    return make_error(Reason::kPermissions,
                      endpoint.path_ +
                          " must be a socket of this user with mode 0600; see "
                          "`SocketMode=` in the socket unit");
  }
  endpoint.device_ = info.st_dev;
  endpoint.inode_ = info.st_ino;
  return endpoint;
}

absl::StatusOr<std::string> choose_socket_path() {
  for (const SocketPlace& place : socket_places(getuid())) {
    if (place.source == "TACIT_SOCKET") return place.path;
    if (place.source == "state folder") {
      if (!user_paths().state_dir.empty()) return place.path;
      continue;
    }
    // `.../tacit/tacit.sock`. After `sudo -E` the base may be another user's.
    struct stat info {};
    const std::string base = folder_of(folder_of(place.path));
    if (stat(base.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid()) {
      return place.path;
    }
  }
  return make_error(Reason::kPermissions,
                    "no place for the socket: neither XDG_RUNTIME_DIR nor a home folder is known; "
                    "set TACIT_SOCKET or HOME");
}

}  // namespace tacit
