#include "cli/project/replace_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "cli/input.h"
#include "cli/output.h"
#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

Error failed(const std::string& doing, const std::string& path) {
  return {Reason::kIoError, "cannot " + doing + " " + visible(path) + ": " + std::strerror(errno)};
}

/// A new file beside `path`, removed again unless it took that name.
class Draft {
 public:
  explicit Draft(const std::string& path)
      : path_(path), name_(path + ".XXXXXX"), fd_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  ~Draft() {
    if (fd_.get() >= 0 && !placed_) ::unlink(name_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  int fd() const { return fd_.get(); }
  bool place_over() { return placed_ = ::rename(name_.c_str(), path_.c_str()) == 0; }
  /// Fails with EEXIST where there is a file already.
  bool place_new() {
    if (::link(name_.c_str(), path_.c_str()) != 0) return false;
    return ::unlink(name_.c_str()) == 0 && (placed_ = true);
  }

 private:
  std::string path_;
  std::string name_;
  FileDescriptor fd_;
  bool placed_ = false;
};

mode_t mode_of_a_new_file() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

bool take_after(int fd, const struct stat* before) {
  if (before == nullptr) return ::fchmod(fd, mode_of_a_new_file()) == 0;
  struct stat now {};
  if (::fstat(fd, &now) != 0) return false;
  const bool owned = now.st_uid == before->st_uid && now.st_gid == before->st_gid;
  // Before the mode: chown(2) drops the bits for set-user-id.
  if (!owned && ::fchown(fd, before->st_uid, before->st_gid) != 0) return false;
  return ::fchmod(fd, before->st_mode & 07777) == 0;
}

}  // namespace

Result<std::optional<ReadFile>> read_regular(const std::string& path, std::size_t limit) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::optional<ReadFile>();
    return failed("open", path);
  }
  ReadFile read;
  if (::fstat(file.get(), &read.facts) != 0) return failed("look at", path);
  if (!S_ISREG(read.facts.st_mode)) {
    return Error{Reason::kIoError, visible(path) + " is no regular file"};
  }
  auto content = read_all(file.get(), limit, visible(path));
  if (!content.ok()) return content.error();
  read.content = std::move(*content);
  return std::optional(std::move(read));
}

bool unchanged(const struct stat& before, const struct stat& now) noexcept {
  const auto same = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return before.st_dev == now.st_dev && before.st_ino == now.st_ino &&
         before.st_size == now.st_size && same(before.st_mtim, now.st_mtim) &&
         same(before.st_ctim, now.st_ctim);
}

Result<void> replace_file(const std::string& path,
                          std::span<const std::span<const unsigned char>> parts,
                          const struct stat* before) {
  Draft draft(path);
  if (draft.fd() < 0) return failed("create a file beside", path);
  for (const auto part : parts) {
    if (auto written = write_all(draft.fd(), part, "a file beside " + visible(path)); !written) {
      return written;
    }
  }
  if (!take_after(draft.fd(), before)) return failed("keep mode and owner of", path);
  if (::fsync(draft.fd()) != 0) return failed("sync", path);
  if (!(before == nullptr ? draft.place_new() : draft.place_over())) {
    if (errno != EEXIST) return failed("replace", path);
    return Error{Reason::kAlreadyExists, visible(path) + " has appeared meanwhile; try again"};
  }
  const FileDescriptor folder(
      ::open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Done: where the folder cannot be synced, the change is seen, and may be lost with the power.
  if (folder.get() >= 0) (void)::fsync(folder.get());
  return {};
}

}  // namespace tacit::cli
