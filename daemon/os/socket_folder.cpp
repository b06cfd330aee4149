#include "daemon/os/socket_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "daemon/base/status.h"
#include "daemon/os/io_error.h"

namespace tacit {
namespace {

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// Whoever can rename a folder above ours can put another in its place.
absl::Status check_ancestors(const std::string& folder) {
  const std::unique_ptr<char, decltype(&std::free)> real(
      realpath(parent_of(folder).c_str(), nullptr), &std::free);
  if (!real) return errno_error(errno, "cannot resolve the path of " + folder);
  for (std::string at = real.get();; at = parent_of(at)) {
    struct stat info {};
    if (lstat(at.c_str(), &info) != 0) return errno_error(errno, "cannot examine " + at);
    if ((info.st_mode & S_IWOTH) && !(info.st_mode & S_ISVTX)) {
      return make_error(Reason::kPermissions,
                        at + " is writable by everybody, so that others could replace " + folder +
                            "; run `chmod o-w " + at + "` or choose another place");
    }
    if (at == "/") return absl::OkStatus();
  }
}

}  // namespace

absl::Status make_socket_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    if (errno != ENOENT || folder == "/") return errno_error(errno, "cannot make folder " + folder);
    // Only what is missing is made; what is there stays as its user wants it.
    for (auto slash = folder.find('/', 1); slash != std::string::npos;
         slash = folder.find('/', slash + 1)) {
      const std::string above = folder.substr(0, slash);
      if (mkdir(above.c_str(), 0700) != 0 && errno != EEXIST) {
        return errno_error(errno, "cannot make folder " + above);
      }
    }
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return errno_error(errno, "cannot make folder " + folder);
    }
  }
  return check_socket_folder(folder);
}

absl::Status check_socket_folder(const std::string& folder) {
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0) return errno_error(errno, "cannot examine " + folder);
  if (!S_ISDIR(info.st_mode)) {
    return make_error(Reason::kPermissions,
                      folder + (S_ISLNK(info.st_mode) ? " is a symbolic link" : " is no folder") +
                          "; remove it, or set TACIT_SOCKET to another place");
  }
  if (info.st_uid != geteuid()) {
    return make_error(Reason::kPermissions,
                      folder + " belongs to uid " + std::to_string(info.st_uid) +
                          ", not to this user; set TACIT_SOCKET to a place of your own");
  }
  if (info.st_mode & 077) {
    return make_error(Reason::kPermissions,
                      folder + " is open to other users; run `chmod 700 " + folder + "`");
  }
  return check_ancestors(folder);
}

}  // namespace tacit
