#include "daemon/os/folder_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "daemon/os/io_error.h"

namespace tacit {

absl::StatusOr<FolderWatch> FolderWatch::open(const std::string& folder) {
  FolderWatch watch;
  watch.folder_ = folder;
  watch.inotify_.reset(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch.inotify_) return errno_error(errno, "cannot watch folders");
  const auto add = [&watch](const std::string& path, std::uint32_t events) {
    return inotify_add_watch(watch.inotify_.get(), path.c_str(), events | IN_ONLYDIR) >= 0;
  };
  if (!add(folder, IN_DELETE_SELF | IN_MOVE_SELF | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                       IN_DONT_FOLLOW)) {
    return errno_error(errno, "cannot watch " + folder);
  }
  // A folder that some process has for its current one is told as deleted only once that process
  // leaves; the folder above tells at once. Where it may not be read, the first watch must do.
  const auto slash = folder.find_last_of('/');
  if (slash != std::string::npos) {
    (void)add(slash == 0 ? "/" : folder.substr(0, slash),
              IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF);
  }
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0) return errno_error(errno, "cannot examine " + folder);
  watch.device_ = info.st_dev;
  watch.inode_ = info.st_ino;
  return watch;
}

bool FolderWatch::still_there() const {
  struct stat info {};
  return lstat(folder_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

bool FolderWatch::gone() {
  // What the events say does not matter: each is a reason to look.
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool any = false;
  while (read(inotify_.get(), buffer.data(), buffer.size()) > 0) any = true;
  if (any && !gone_) gone_ = !still_there();
  return gone_;
}

}  // namespace tacit
