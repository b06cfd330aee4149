#include "client/cpp/channel/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "tacit/paths.h"  // kMaxSocketPath

namespace tacit {
namespace {

std::string reason_text(int error) { return std::generic_category().message(error); }

Error failed(const std::string& path, int error) {
  const std::string what = "cannot connect to " + path + ": " + reason_text(error);
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return {Reason::kLimit, what};
    case EAGAIN:
      return {Reason::kTimeout, "the daemon at " + path + " accepts no connection in time"};
    default:
      return {Reason::kNoDaemon, what};
  }
}

/// Who may replace the socket may pose as the daemon, so the folder must be the user's (or
/// root's) alone.
Result<void> check_folder(const std::string& path, uid_t uid) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return failed(path, errno);
  if (!S_ISDIR(facts.st_mode)) return failed(path, ENOTDIR);
  if (facts.st_uid != uid && facts.st_uid != 0) {
    return Error{Reason::kDaemonUntrusted,
                 "the folder of the socket " + path + " belongs to another user (uid " +
                     std::to_string(facts.st_uid) + "); nothing was sent"};
  }
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error{Reason::kDaemonUntrusted, "the folder of the socket " + path +
                                               " can be written by others; nothing was sent. "
                                               "Take that away with chmod go-w"};
  }
  return {};
}

Result<void> check_peer(int fd, const std::string& path, uid_t uid) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return failed(path, errno);
  if (peer.uid == uid) return {};
  return Error{Reason::kDaemonUntrusted, "what answers on " + path + " runs as uid " +
                                             std::to_string(peer.uid) + ", not as uid " +
                                             std::to_string(uid) + "; nothing was sent"};
}

/// A host that closed its standard streams must not see ours take their numbers.
FileDescriptor above_standard(FileDescriptor fd) {
  if (!fd || fd.get() > 2) return fd;
  return FileDescriptor(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
}

}  // namespace

Result<FileDescriptor> connect_to(const std::string& path, uid_t uid, const Deadline& deadline) {
  if (path.size() > kMaxSocketPath) {
    return Error{Reason::kInvalidArgument, "the socket's path is over " +
                                               std::to_string(kMaxSocketPath) + " bytes: " + path +
                                               ". Set TACIT_SOCKET to a "
                                               "shorter one"};
  }
  if (!path.starts_with('/')) {
    return Error{Reason::kInvalidArgument, "the socket's path is not absolute: " + path};
  }
  if (auto folder = check_folder(path, uid); !folder) return folder.error();

  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  auto fd = above_standard(FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  if (!fd) return failed(path, errno);

  // With a full backlog connect waits, and poll(2) cannot wait for that: only this limits it.
  if (const auto left = deadline.left()) {
    timeval span{};
    span.tv_sec = static_cast<time_t>(left->count() / 1000);
    span.tv_usec = static_cast<suseconds_t>(left->count() % 1000 * 1000);
    if (span.tv_sec == 0 && span.tv_usec == 0) return failed(path, EAGAIN);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &span, sizeof(span));
  }
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  while (::connect(fd.get(), where, sizeof(address)) != 0) {
    if (errno == EISCONN) break;
    if (errno != EINTR || deadline.passed()) return failed(path, errno);
  }
  if (auto peer = check_peer(fd.get(), path, uid); !peer) return peer.error();
  if (::fcntl(fd.get(), F_SETFL, O_RDWR | O_NONBLOCK) != 0) return failed(path, errno);
  return fd;
}

}  // namespace tacit
