// The book of collections that are kept for themselves, and of projects: in RAM while the vault is
// unlocked, written through.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/collection_record.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// A project in the book.
struct ProjectEntry {
  ProjectId id{};
  CollectionId collection{};
  UnixMillis linked = 0;
  std::vector<ProjectFolder> folders;  ///< where its secrets are given, in the order they came
};

/// Vault thread.
class CollectionBook {
 public:
  static constexpr std::size_t kMaxFolders = 64;

  /// Takes one record of the vault. False: it is none.
  bool load(const Vault::PolicyChange& record);
  void clear() { kept_.clear(); }

  bool kept(const CollectionId& collection) const { return kept_.contains(collection); }
  std::optional<ProjectEntry> of_collection(const CollectionId& collection) const;
  std::optional<ProjectEntry> find(const ProjectId& id) const;
  std::vector<ProjectEntry> all() const;

  /// Makes a collection that stays. Errors: as of a write.
  absl::StatusOr<CollectionId> make(Vault& vault, const std::string& name, UnixMillis now);
  /// Links a project that is in the book under no collection to one that has none. Errors: as of a
  /// write.
  absl::StatusOr<CollectionId> link(Vault& vault, const ProjectId& id, const std::string& name,
                                    const ProjectFolder& folder);
  /// Adds a folder, or has it take the place of the one that it was before it was moved (returned).
  /// Errors: kLimit; as of a write.
  absl::StatusOr<std::optional<ProjectFolder>> trust(Vault& vault, const ProjectId& id,
                                                     const ProjectFolder& folder);
  /// Errors: kNotFound; as of a write.
  absl::Status unlink(Vault& vault, const ProjectId& id, const ProjectFolder& folder);
  /// The collection was deleted, and its records with it.
  void forget(const CollectionId& collection) { kept_.erase(collection); }

 private:
  struct Kept {
    KeptCollection record;
    std::map<std::uint64_t, ProjectFolder> folders;  ///< by the version of their record
  };
  std::map<CollectionId, Kept>::iterator find_project(const ProjectId& id);

  std::map<CollectionId, Kept> kept_;
};

}  // namespace tacit
