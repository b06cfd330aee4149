#include "cli/wiped_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cli/input.h"
#include "cli/output.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

Error io_error(const char* doing, const std::string& path) {
  return {Reason::kIoError, std::string(doing) + " " + visible(path) + ": " + std::strerror(errno)};
}

Error unfit(const std::string& why) {
  return {Reason::kPermissions,
          why +
              ", and a secret is written to no disk; nothing was opened. On most systems a login "
              "session sets XDG_RUNTIME_DIR to a folder in memory"};
}

Result<std::string> runtime_folder() {
  const char* set = std::getenv("XDG_RUNTIME_DIR");
  // As its specification says, what is not absolute does not count.
  std::string path =
      set != nullptr && *set == '/' ? set : "/run/user/" + std::to_string(::geteuid());
  const std::string shown = visible(path);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return unfit("there is no runtime folder (XDG_RUNTIME_DIR, " + shown + ")");
  }
  if (facts.st_uid != ::geteuid() || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unfit("the runtime folder " + shown + " is not yours alone (0700)");
  }
  struct statfs system {};
  if (::statfs(path.c_str(), &system) != 0) return io_error("cannot look at", path);
  const auto type = static_cast<unsigned long>(system.f_type) & 0xffffffffUL;
  if (type != TMPFS_MAGIC && type != RAMFS_MAGIC) {
    return unfit("the runtime folder " + shown + " is not in memory (tmpfs)");
  }
  return path;
}

/// Deeper than what editors leave behind no folder goes.
void wipe_entries(int folder, int depth) noexcept {
  constexpr int kMaxDepth = 8;
  DIR* const entries = ::fdopendir(folder);
  if (entries == nullptr) {
    ::close(folder);
    return;
  }
  while (const dirent* entry = ::readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat facts {};
    if (::fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(facts.st_mode)) {
      const int inner = ::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (inner >= 0 && depth < kMaxDepth) {
        wipe_entries(inner, depth + 1);
      } else if (inner >= 0) {
        ::close(inner);
      }
      ::unlinkat(folder, entry->d_name, AT_REMOVEDIR);
      continue;
    }
    // A file with another name elsewhere is not ours to wipe.
    if (S_ISREG(facts.st_mode) && facts.st_nlink == 1) {
      const int fd = ::openat(folder, entry->d_name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0) {
        wipe_file(fd, static_cast<std::size_t>(facts.st_size));
        ::close(fd);
      }
    }
    ::unlinkat(folder, entry->d_name, 0);
  }
  ::closedir(entries);
}

}  // namespace

void wipe_file(int fd, std::size_t size) noexcept {
  constexpr std::array<unsigned char, 4096> kZeros{};
  for (std::size_t at = 0; at < size;) {
    const ssize_t written =
        ::pwrite(fd, kZeros.data(), std::min(kZeros.size(), size - at), static_cast<off_t>(at));
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
}

Result<WipedFolder> WipedFolder::make() {
  auto base = runtime_folder();
  if (!base.ok()) return base.error();
  std::string path = *base + "/tacit-edit-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return io_error("cannot create a folder in", *base);
  return WipedFolder(std::move(path));
}

WipedFolder::WipedFolder(WipedFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}

WipedFolder::~WipedFolder() {
  if (path_.empty() || kept_) return;
  const int fd = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) wipe_entries(fd, 0);
  ::rmdir(path_.c_str());
}

Result<std::string> WipedFolder::add(const std::string& name, const SecretBytes& content) {
  std::string path = path_ + "/" + name;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return io_error("cannot create", path);
  const auto written = write_all(fd, content.bytes(), path);
  ::close(fd);
  if (!written.ok()) return written.error();
  return path;
}

Result<std::optional<SecretBytes>> WipedFolder::read(const std::string& path, std::size_t limit) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) return std::optional<SecretBytes>();
    return io_error("cannot open", path);
  }
  struct stat facts {};
  const bool regular = ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
  auto content = regular ? read_all(fd, limit, path)
                         : Result<SecretBytes>(Error{
                               Reason::kIoError, visible(path) + " is no regular file any more"});
  ::close(fd);
  if (!content.ok()) return content.error();
  return std::optional(std::move(*content));
}

}  // namespace tacit::cli
