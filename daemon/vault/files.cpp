#include "daemon/vault/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::string_view kVaultPrefix = "vault-";
constexpr std::string_view kVaultSuffix = ".db";
constexpr std::size_t kVaultNameHex = 32;

absl::Status write_all(int fd, Bytes content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t wrote = write(fd, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return file_error(errno, "writing", path);
    content = content.subspan(static_cast<std::size_t>(wrote));
  }
  return absl::OkStatus();
}

}  // namespace

FileHandle::FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (fd_ >= 0) close(fd_);
}

absl::Status file_error(int error, std::string_view doing, const std::string& path) {
  std::string message(doing);
  message += " `" + path + "`: ";
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return make_error(Reason::kDiskFull, message + "the disk is full; free some space");
    case EROFS:
      return make_error(Reason::kReadOnly, message + "the file system is read-only");
    case EACCES:
    case EPERM:
      return make_error(Reason::kPermissions, message + "not permitted; check owner and mode");
    case ELOOP:
      return make_error(
          Reason::kPermissions,
          message + "is a symbolic link, which is never followed; put the file there");
    default: {
      std::array<char, 128> text{};
      // The GNU variant of strerror_r: returns the text, not necessarily in the buffer.
      return make_error(Reason::kIoError, message + strerror_r(error, text.data(), text.size()));
    }
  }
}

bool path_exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

bool is_read_only_place(const std::string& path) {
  struct statvfs info {};
  return statvfs(path.c_str(), &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

absl::Status make_private_folder(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0700) == 0) {
      if (absl::Status status = sync_folder(parent_of(part)); !status.ok()) return status;
    } else if (errno != EEXIST) {
      // A parent that exists may refuse mkdir with another error, for instance EROFS.
      const int error = errno;
      if (!path_exists(part)) return file_error(error, "making the folder", part);
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

absl::Status check_private_folder(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return file_error(errno, "looking at the folder", path);
  if (!S_ISDIR(info.st_mode)) {
    return make_error(Reason::kPermissions, "`" + path + "` is not a folder; move it away");
  }
  if (info.st_uid != geteuid()) {
    return make_error(Reason::kPermissions, "`" + path + "` belongs to uid " +
                                                std::to_string(info.st_uid) +
                                                "; make it yours (chown) or choose another folder");
  }
  if ((info.st_mode & 0077) != 0) {
    return make_error(Reason::kPermissions,
                      "`" + path + "` is open to others; run: chmod 700 '" + path + "'");
  }
  return absl::OkStatus();
}

absl::Status check_private_file(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return file_error(errno, "looking at", path);
  }
  if (!S_ISREG(info.st_mode)) {
    return make_error(Reason::kPermissions, "`" + path + "` is no regular file; move it away");
  }
  if (info.st_uid != geteuid()) {
    return make_error(
        Reason::kPermissions,
        "`" + path + "` belongs to uid " + std::to_string(info.st_uid) + "; make it yours (chown)");
  }
  if ((info.st_mode & 0077) != 0) {
    return make_error(Reason::kPermissions,
                      "`" + path + "` is open to others; run: chmod 600 '" + path + "'");
  }
  return absl::OkStatus();
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::StatusOr<std::vector<std::string>> file_names(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), &closedir);
  if (!dir) return file_error(errno, "reading the folder", folder);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir.get())) names.emplace_back(entry->d_name);
  return names;
}

absl::StatusOr<std::string> resolved_folder(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), &free);
  if (!real) return file_error(errno, "finding the folder", path);
  return std::string(real.get());
}

std::optional<FileIdentity> identity_of(const std::string& path, WrittenOnce written_once) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return std::nullopt;
  FileIdentity identity{info.st_dev, info.st_ino, 0};
  if (written_once == WrittenOnce::kYes) {
    identity.modified_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  }
  return identity;
}

absl::StatusOr<std::optional<std::string>> read_small_file(const std::string& path,
                                                           std::size_t limit) {
  if (absl::Status status = check_private_file(path); !status.ok()) return status;
  const FileHandle file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>();
    return file_error(errno, "opening", path);
  }
  std::string content(limit + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(errno, "reading", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit) {
    return make_error(Reason::kVaultDamaged,
                      "`" + path + "` is longer than it can be; restore it from a backup");
  }
  content.resize(size);
  return std::optional<std::string>(std::move(content));
}

absl::Status replace_file(const std::string& path, Bytes content, bool* replaced) {
  if (replaced != nullptr) *replaced = false;
  const std::string beside = path + ".new";
  // A left-over of an interrupted replacement.
  if (unlink(beside.c_str()) != 0 && errno != ENOENT) {
    return file_error(errno, "removing", beside);
  }
  {
    const FileHandle file(
        open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return file_error(errno, "creating", beside);
    absl::Status status = write_all(file.get(), content, beside);
    if (status.ok() && fsync(file.get()) != 0) status = file_error(errno, "syncing", beside);
    if (!status.ok()) {
      unlink(beside.c_str());
      return status;
    }
  }
  if (absl::Status status = rename_file(beside, path); !status.ok()) {
    unlink(beside.c_str());
    return status;
  }
  if (replaced != nullptr) *replaced = true;
  return sync_folder(parent_of(path));
}

absl::Status create_private_file(const std::string& path) {
  const FileHandle file(
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file) return absl::OkStatus();
  if (errno == EEXIST) {
    return make_error(Reason::kAlreadyExists,
                      "`" + path + "` exists already; remove it or choose another name");
  }
  return file_error(errno, "creating", path);
}

absl::Status sync_file(const std::string& path) {
  const FileHandle file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return file_error(errno, "opening", path);
  if (fsync(file.get()) != 0) return file_error(errno, "syncing", path);
  return absl::OkStatus();
}

absl::Status sync_folder(const std::string& path) {
  const FileHandle folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return file_error(errno, "opening the folder", path);
  // Some file systems cannot sync a folder and say EINVAL; those order their renames themselves.
  if (fsync(folder.get()) != 0 && errno != EINVAL) {
    return file_error(errno, "syncing the folder", path);
  }
  return absl::OkStatus();
}

absl::Status rename_file(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return file_error(errno, "renaming to", to);
  return absl::OkStatus();
}

absl::Status copy_file(const std::string& from, const std::string& to) {
  const FileHandle in(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!in) return file_error(errno, "opening", from);
  const FileHandle out(
      open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) return file_error(errno, "creating", to);
  std::array<unsigned char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(errno, "reading", from);
    if (got == 0) return absl::OkStatus();
    const Bytes part = Bytes(buffer).first(static_cast<std::size_t>(got));
    if (absl::Status status = write_all(out.get(), part, to); !status.ok()) return status;
  }
}

absl::StatusOr<FileHandle> lock_folder(const std::string& folder, const std::string& socket,
                                       bool read_only_place) {
  const std::string path = folder + "/vault.lock";
  if (absl::Status status = check_private_file(path); !status.ok()) return status;
  const int flags = read_only_place ? O_RDONLY : O_RDWR | O_CREAT;
  FileHandle file(open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    // Nobody can write a vault that lies on a read-only file system: nothing to lock.
    if (read_only_place && errno == ENOENT) return FileHandle();
    return file_error(errno, "opening", path);
  }
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error(errno, "locking", path);
    std::array<char, 512> text{};
    const ssize_t got = pread(file.get(), text.data(), text.size(), 0);
    std::string holder(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    for (char& c : holder) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return make_error(Reason::kVaultBusy, "another tacitd holds this vault (" + holder +
                                              "); use that one, or end it and try again");
  }
  if (read_only_place) return file;
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  const std::string holder = "host " + std::string(host.data()) + ", pid " +
                             std::to_string(getpid()) + ", socket " + socket + "\n";
  // For a person to read; a failure here must not keep a full disk's vault from being read.
  if (ftruncate(file.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t wrote = pwrite(file.get(), holder.data(), holder.size(), 0);
  }
  return file;
}

absl::StatusOr<std::optional<std::string>> read_current(const std::string& folder) {
  const std::string path = folder + "/CURRENT";
  absl::StatusOr<std::optional<std::string>> content = read_small_file(path, 256);
  if (!content.ok() || !*content) return content;
  std::string name = **content;
  if (!name.empty() && name.back() == '\n') name.pop_back();
  if (!is_vault_file_name(name)) {
    return make_error(Reason::kVaultDamaged,
                      "`" + path +
                          "` does not name a vault file; write the name of the right "
                          "`vault-....db` of that folder into it");
  }
  return std::optional<std::string>(std::move(name));
}

absl::Status write_current(const std::string& folder, const std::string& name) {
  const std::string line = name + "\n";
  return replace_file(folder + "/CURRENT",
                      {reinterpret_cast<const unsigned char*>(line.data()), line.size()});
}

std::string new_vault_file_name() {
  std::array<unsigned char, kVaultNameHex / 2> random;
  random_bytes(random);
  return std::string(kVaultPrefix) + hex_of(random) + std::string(kVaultSuffix);
}

bool is_vault_file_name(std::string_view name) {
  if (name.size() != kVaultPrefix.size() + kVaultNameHex + kVaultSuffix.size()) return false;
  if (name.substr(0, kVaultPrefix.size()) != kVaultPrefix) return false;
  if (name.substr(name.size() - kVaultSuffix.size()) != kVaultSuffix) return false;
  return name.substr(kVaultPrefix.size(), kVaultNameHex).find_first_not_of("0123456789abcdef") ==
         std::string_view::npos;
}

std::string hex_of(Bytes bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace tacit
