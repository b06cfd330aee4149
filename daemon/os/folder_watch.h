// Tells when a folder goes away, which is what happens to the runtime folder at logout, or
// something in it.
#pragma once
#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "daemon/os/unique_fd.h"

namespace tacit {

/// Watches one folder by inotify(7). One thread.
class FolderWatch {
 public:
  /// Errors: kIoError and the like, the folder is not there or cannot be watched.
  static absl::StatusOr<FolderWatch> open(const std::string& folder);

  /// Readable when something may have happened to the folder, or a file in it was removed, moved
  /// or replaced: call `gone()` then. Non-blocking.
  int fd() const { return inotify_.get(); }
  /// Drains what has come; true once the folder at that path is no longer the one watched
  /// (removed, moved, unmounted), and for ever after.
  bool gone();

 private:
  FolderWatch() = default;
  bool still_there() const;

  std::string folder_;
  UniqueFd inotify_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool gone_ = false;
};

}  // namespace tacit
