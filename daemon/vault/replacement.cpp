#include "daemon/vault/replacement.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/passing_vault.h"
#include "daemon/vault/vault_file.h"

namespace tacit {
namespace {

constexpr std::size_t kMostAnchorBytes = 4096;

/// What the anchor's file holds; empty for one that is missing or no anchor's.
absl::StatusOr<std::optional<std::string>> anchor_content(const VaultPlace& place) {
  absl::StatusOr<std::optional<std::string>> content =
      read_small_file(place.anchor_file, kMostAnchorBytes);
  if (!content.ok() && reason_of(content.status()) == Reason::kVaultDamaged) {
    return std::optional<std::string>("");
  }
  return content;
}

absl::Status write_or_remove(const std::string& path, const std::optional<std::string>& content) {
  if (content) return replace_file(path, bytes_of(*content));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return file_error(errno, "removing", path);
  return absl::OkStatus();
}

}  // namespace

Replacement::Replacement(std::string passing, std::string name)
    : passing_(std::move(passing)), name_(std::move(name)) {}

Replacement::Replacement(Replacement&& other) noexcept
    : passing_(std::exchange(other.passing_, "")),
      name_(std::move(other.name_)),
      anchor_(std::move(other.anchor_)) {}

Replacement::~Replacement() {
  if (!passing_.empty()) remove_database(passing_);
}

absl::StatusOr<std::optional<bool>> anchored_by(const VaultPlace& place, const KeyBytes& root) {
  const absl::StatusOr<std::optional<std::string>> content = anchor_content(place);
  if (!content.ok()) return content.status();
  if (!*content) return std::optional<bool>();
  return std::optional(!decode_anchors(bytes_of(**content), subkey(root, Subkey::kAnchor)).empty());
}

absl::StatusOr<std::string> copy_of_current(const VaultPlace& place) {
  const absl::StatusOr<Sighting> sighting = look(place.dir);
  if (!sighting.ok()) return sighting.status();
  if (sighting->presence != Presence::kThere) return missing_beside_anchor(place);
  const std::string from = place.dir + "/" + sighting->name;
  const std::string to = place.dir + "/" + new_backup_name();
  absl::Status status = copy_file(from, to);
  if (status.ok() && path_exists(from + "-wal")) status = copy_file(from + "-wal", to + "-wal");
  if (status.ok()) return to;
  remove_database(to);
  return status;
}

absl::Status Replacement::put_in_place(const VaultPlace& place) {
  const std::string path = place.dir + "/" + name_;
  const absl::StatusOr<std::optional<std::string>> before = anchor_content(place);
  if (!before.ok()) return before.status();
  const absl::StatusOr<std::optional<std::string>> current = read_current(place.dir);
  const bool first = current.ok() && !*current;
  absl::Status status = make_private_folder(parent_of(place.anchor_file));
  if (status.ok()) {
    status =
        replace_file(place.anchor_file, with_next_anchor(bytes_of(before->value_or("")), anchor_));
  }
  if (status.ok()) {
    // Where there was none, CURRENT comes first, as at creation: a vault file without it would be
    // taken for one that lost it.
    if (first) status = write_current(place.dir, name_);
    if (status.ok()) status = rename_file(passing_, path);
    if (status.ok()) status = sync_folder(place.dir);
    if (status.ok() && !first) {
      status = write_current(place.dir, name_);
      if (!status.ok()) {
        // It may be in place in spite of the error. Whichever the disk keeps has its anchor.
        const auto now = read_current(place.dir);
        if (now.ok() && *now == name_) status = absl::OkStatus();
      }
    }
  }
  if (status.ok()) {
    passing_.clear();
    return status;
  }
  write_or_remove(place.anchor_file, *before).IgnoreError();
  if (first) unlink((place.dir + "/CURRENT").c_str());
  remove_database(path);
  return status;
}

absl::StatusOr<std::vector<OldFile>> old_files(const VaultPlace& place) {
  const absl::StatusOr<std::vector<std::string>> names = file_names(place.dir);
  if (!names.ok()) return names.status();
  const absl::StatusOr<std::optional<std::string>> current = read_current(place.dir);
  if (!current.ok()) return current.status();
  std::vector<OldFile> out;
  for (const std::string& name : *names) {
    struct stat info {};
    if (!is_vault_file_name(name) || name == *current) continue;
    if (lstat((place.dir + "/" + name).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    OldFile file{name, static_cast<std::uint64_t>(info.st_size),
                 UnixMillis{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000};
    if (lstat((place.dir + "/" + name + "-wal").c_str(), &info) == 0) {
      file.bytes += static_cast<std::uint64_t>(info.st_size);
    }
    out.push_back(std::move(file));
  }
  std::ranges::sort(out, {}, &OldFile::modified);
  return out;
}

absl::Status remove_old_file(const VaultPlace& place, const std::string& name) {
  if (!is_vault_file_name(name)) {
    return make_error(Reason::kInvalidArgument,
                      "that is no vault file's name; "
                      "`tacit vault copies` shows those there are");
  }
  const absl::StatusOr<std::optional<std::string>> current = read_current(place.dir);
  if (!current.ok()) return current.status();
  if (*current == name) {
    return make_error(Reason::kVaultExists, "that file is the vault; it is never removed");
  }
  const std::string path = place.dir + "/" + name;
  if (!path_exists(path)) {
    return make_error(Reason::kNotFound, "there is no `" + name + "` beside the vault");
  }
  remove_database(path);
  if (path_exists(path)) return file_error(errno, "removing", path);
  return sync_folder(place.dir);
}

}  // namespace tacit
