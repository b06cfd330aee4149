// The files around the vault: folders and their modes, the lock, CURRENT, atomic replacement.
// None of these is the database itself: that one only SQLite opens, since closing any other
// descriptor of it would drop SQLite's POSIX locks.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/crypto/keys.h"  // Bytes

namespace tacit {

/// A file descriptor that is closed.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&& other) noexcept;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle();
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// The error for errno: ENOSPC and EDQUOT kDiskFull, EROFS kReadOnly, EACCES, EPERM and ELOOP
/// kPermissions, the rest kIoError.
absl::Status file_error(int error, std::string_view doing, const std::string& path);

bool path_exists(const std::string& path);
/// On a file system mounted read-only.
bool is_read_only_place(const std::string& path);
/// Makes it and its parents, 0700 each. A folder that is there stays as it is.
absl::Status make_private_folder(const std::string& path);
/// kPermissions unless it is a folder of ours that nobody else may enter.
absl::Status check_private_folder(const std::string& path);
/// kPermissions unless it is a regular file of ours that nobody else may read or write; no error
/// if it is missing.
absl::Status check_private_file(const std::string& path);
/// The folder a path lies in: `.` for a bare name.
std::string parent_of(const std::string& path);
/// Of all that lies in a folder, `.` and `..` too; in no order.
absl::StatusOr<std::vector<std::string>> file_names(const std::string& folder);
/// The path without symbolic links in its folders.
absl::StatusOr<std::string> resolved_folder(const std::string& path);

/// Which file a path leads to.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t modified_ns = 0;  ///< since the epoch; of files that are written once
  bool operator==(const FileIdentity&) const = default;
};
enum class WrittenOnce { kNo, kYes };
/// Nothing: no file, or none that can be looked at.
std::optional<FileIdentity> identity_of(const std::string& path, WrittenOnce written_once);

/// At most `limit` bytes of a small file of ours; nothing if it is missing; kVaultDamaged if it
/// is longer. Never follows a link.
absl::StatusOr<std::optional<std::string>> read_small_file(const std::string& path,
                                                           std::size_t limit);
/// Writes beside, syncs, renames over `path`, syncs the folder. `replaced` tells whether the new
/// content is in place, which it may be in spite of an error.
absl::Status replace_file(const std::string& path, Bytes content, bool* replaced = nullptr);
/// An empty file, 0600, that must not exist yet (kAlreadyExists).
absl::Status create_private_file(const std::string& path);
absl::Status sync_file(const std::string& path);
absl::Status sync_folder(const std::string& path);
absl::Status rename_file(const std::string& from, const std::string& to);
/// Copies a file no SQLite connection of this process has open, 0600; `to` must not exist.
absl::Status copy_file(const std::string& from, const std::string& to);

/// Holds `vault.lock` of `folder` exclusively (flock), with host, pid and `socket` in it. The
/// file is never replaced. Error: kVaultBusy, naming the holder.
absl::StatusOr<FileHandle> lock_folder(const std::string& folder, const std::string& socket,
                                       bool read_only_place);

/// The file name CURRENT gives; nothing without CURRENT; kVaultDamaged for anything else in it.
absl::StatusOr<std::optional<std::string>> read_current(const std::string& folder);
absl::Status write_current(const std::string& folder, const std::string& name);
/// `vault-` and 32 random hexadecimal digits and `.db`.
std::string new_vault_file_name();
bool is_vault_file_name(std::string_view name);
/// Lower-case hexadecimal.
std::string hex_of(Bytes bytes);

}  // namespace tacit
