#include "daemon/vault/leftovers.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>
#include <vector>

#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::string_view kCreatingPrefix = "creating-";
constexpr std::string_view kBackupPrefix = "backup-";
constexpr std::string_view kBackupSuffix = ".tmp";
constexpr std::string_view kReadOnlyPrefix = "read-only-";
constexpr std::size_t kPassingHex = 16;
/// What SQLite adds to the name of a database.
constexpr std::array<std::string_view, 3> kBesideDatabase{"-wal", "-shm", "-journal"};

std::string passing_hex() {
  std::array<unsigned char, kPassingHex / 2> random;
  random_bytes(random);
  return hex_of(random);
}

bool is_passing(std::string_view name, std::string_view prefix, std::string_view suffix) {
  return name.size() == prefix.size() + kPassingHex + suffix.size() &&
         name.substr(0, prefix.size()) == prefix &&
         name.substr(name.size() - suffix.size()) == suffix &&
         name.substr(prefix.size(), kPassingHex).find_first_not_of("0123456789abcdef") ==
             std::string_view::npos;
}

bool is_backup(std::string_view name) { return is_passing(name, kBackupPrefix, kBackupSuffix); }

bool is_creating(std::string_view name) {
  return name.substr(0, kCreatingPrefix.size()) == kCreatingPrefix &&
         is_vault_file_name(name.substr(kCreatingPrefix.size()));
}

/// The database a file belongs to by its name: itself, or without what SQLite adds.
std::string_view database_of(std::string_view name) {
  for (const std::string_view end : kBesideDatabase) {
    if (name.size() > end.size() && name.substr(name.size() - end.size()) == end) {
      return name.substr(0, name.size() - end.size());
    }
  }
  return name;
}

bool is_own(const std::string& path, mode_t type) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type &&
         info.st_uid == geteuid();
}

bool all_own_files(const std::string& database) {
  if (path_exists(database) && !is_own(database, S_IFREG)) return false;
  return std::all_of(kBesideDatabase.begin(), kBesideDatabase.end(), [&](std::string_view end) {
    const std::string beside = database + std::string(end);
    return !path_exists(beside) || is_own(beside, S_IFREG);
  });
}

/// The databases of the folder whose names `belongs` knows, whether or not only their WAL is left.
std::set<std::string> databases(const std::string& folder, bool (*belongs)(std::string_view)) {
  std::set<std::string> found;
  const absl::StatusOr<std::vector<std::string>> names = file_names(folder);
  if (!names.ok()) return found;
  for (const std::string& name : *names) {
    const std::string_view database = database_of(name);
    if (belongs(database)) found.insert(folder + "/" + std::string(database));
  }
  return found;
}

void remove_backups(const std::string& folder) {
  for (const std::string& path : databases(folder, &is_backup)) {
    if (!all_own_files(path)) continue;
    const absl::StatusOr<FileHandle> held = hold_passing(path);
    if (held.ok() || !path_exists(path)) remove_database(path);
  }
}

void remove_read_only_copy(const std::string& folder) {
  const absl::StatusOr<FileHandle> held = hold_passing(folder);
  if (!held.ok()) return;
  const absl::StatusOr<std::vector<std::string>> names = file_names(folder);
  if (!names.ok()) return;
  const bool only_a_copy = std::all_of(names->begin(), names->end(), [&](const std::string& name) {
    return name == "." || name == ".." ||
           (is_vault_file_name(database_of(name)) && is_own(folder + "/" + name, S_IFREG));
  });
  if (!only_a_copy) return;
  for (const std::string& name : *names) unlink((folder + "/" + name).c_str());
  rmdir(folder.c_str());
}

}  // namespace

std::string creating_name(const std::string& vault_file_name) {
  return std::string(kCreatingPrefix) + vault_file_name;
}

std::string new_backup_name() {
  return std::string(kBackupPrefix) + passing_hex() + std::string(kBackupSuffix);
}

std::string new_read_only_copy_name() { return std::string(kReadOnlyPrefix) + passing_hex(); }

absl::StatusOr<FileHandle> hold_passing(const std::string& path) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) return file_error(errno, "opening", path);
  struct stat info {};
  // Between its making and this, one that looked for leftovers may have taken it for one.
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 || fstat(file.get(), &info) != 0 ||
      info.st_nlink == 0) {
    return make_error(Reason::kIoError, "`" + path + "` is in use elsewhere; try again");
  }
  return file;
}

void remove_database(const std::string& path) {
  unlink(path.c_str());
  for (const std::string_view end : kBesideDatabase) unlink((path + std::string(end)).c_str());
}

void remove_leftovers(const std::string& vault_folder) {
  remove_backups(vault_folder);
  for (const std::string& path : databases(vault_folder, &is_creating)) {
    if (all_own_files(path)) remove_database(path);
  }
  const std::string current = vault_folder + "/CURRENT.new";
  if (is_own(current, S_IFREG)) unlink(current.c_str());
}

void remove_runtime_leftovers(const std::string& runtime_folder) {
  remove_backups(runtime_folder);
  const absl::StatusOr<std::vector<std::string>> names = file_names(runtime_folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::string path = runtime_folder + "/" + name;
    if (is_passing(name, kReadOnlyPrefix, "") && is_own(path, S_IFDIR)) {
      remove_read_only_copy(path);
    }
  }
}

}  // namespace tacit
