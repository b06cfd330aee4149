// What the vault keeps of a collection beside its policy: that it stays, its project, the folders
// where its secrets are given (FORMAT.md, "Policy records").
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/vault/item.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// A UUID; its text is 8-4-4-4-12 hexadecimal digits in lower case.
using ProjectId = std::array<unsigned char, 16>;
/// Error: kInvalidArgument, which says the form.
absl::StatusOr<ProjectId> project_id_from(std::string_view text);
std::string project_id_text(const ProjectId& id);

/// A folder, by what its client says of it.
struct ProjectFolder {
  std::string path;          ///< absolute, canonical; any bytes but NUL
  std::uint64_t device = 0;  ///< 0: not told
  std::uint64_t inode = 0;
  UnixMillis trusted = 0;

  /// The same place: by its path alone.
  bool at(const ProjectFolder& other) const { return path == other.path; }
  /// By device and inode the same folder, wherever it lies.
  bool same_as(const ProjectFolder& other) const {
    return inode != 0 && inode == other.inode && device == other.device;
  }
  bool operator==(const ProjectFolder&) const = default;
};
inline constexpr std::size_t kMaxFolderBytes = 3072;
/// Absolute, no `.`, `..`, doubled or last `/`, no NUL, at most kMaxFolderBytes.
bool is_canonical(std::string_view path);

/// Version kKeptRecord of the collection.
struct KeptCollection {
  std::optional<ProjectId> project;
  UnixMillis since = 0;  ///< made, or linked
  bool operator==(const KeptCollection&) const = default;
};

/// Decoding is exact: anything else is none.
SecretBytes encode_kept(const KeptCollection& record);
std::optional<KeptCollection> decode_kept(const SecretBytes& record);
SecretBytes encode_folder(const ProjectFolder& folder);
std::optional<ProjectFolder> decode_folder(const SecretBytes& record);

}  // namespace tacit
