#include "daemon/access/collection_book.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {

ProjectEntry entry_of(const CollectionId& collection, const KeptCollection& record,
                      const std::map<std::uint64_t, ProjectFolder>& folders) {
  ProjectEntry entry{*record.project, collection, record.since, {}};
  for (const auto& [number, folder] : folders) entry.folders.push_back(folder);
  return entry;
}

}  // namespace

bool CollectionBook::load(const Vault::PolicyChange& record) {
  if (record.version == Vault::kKeptRecord) {
    const std::optional<KeptCollection> kept = decode_kept(*record.record);
    if (!kept) return false;
    kept_[record.subject].record = *kept;
    return true;
  }
  if (record.version < Vault::kKeptRecord) return false;
  std::optional<ProjectFolder> folder = decode_folder(*record.record);
  if (!folder) return false;
  kept_[record.subject].folders.insert_or_assign(record.version, *std::move(folder));
  return true;
}

std::optional<ProjectEntry> CollectionBook::of_collection(const CollectionId& collection) const {
  const auto found = kept_.find(collection);
  if (found == kept_.end() || !found->second.record.project) return std::nullopt;
  return entry_of(found->first, found->second.record, found->second.folders);
}

std::map<CollectionId, CollectionBook::Kept>::iterator CollectionBook::find_project(
    const ProjectId& id) {
  return std::ranges::find_if(kept_,
                              [&](const auto& kept) { return kept.second.record.project == id; });
}

std::optional<ProjectEntry> CollectionBook::find(const ProjectId& id) const {
  for (const auto& [collection, kept] : kept_) {
    if (kept.record.project == id) return entry_of(collection, kept.record, kept.folders);
  }
  return std::nullopt;
}

std::vector<ProjectEntry> CollectionBook::all() const {
  std::vector<ProjectEntry> out;
  for (const auto& [collection, kept] : kept_) {
    if (kept.record.project) out.push_back(entry_of(collection, kept.record, kept.folders));
  }
  return out;
}

absl::StatusOr<CollectionId> CollectionBook::make(Vault& vault, const std::string& name,
                                                  UnixMillis now) {
  const KeptCollection record{std::nullopt, now};
  const Vault::PolicyChange change{{}, Vault::kKeptRecord, encode_kept(record)};
  const absl::StatusOr<CollectionId> id = vault.put_collection(name, {&change, 1});
  if (id.ok()) kept_[*id] = {record, {}};
  return id;
}

absl::StatusOr<CollectionId> CollectionBook::link(Vault& vault, const ProjectId& id,
                                                  const std::string& name,
                                                  const ProjectFolder& folder) {
  const KeptCollection record{id, folder.trusted};
  std::array<Vault::PolicyChange, 2> changes;
  changes[0] = {{}, Vault::kKeptRecord, encode_kept(record)};
  changes[1] = {{}, Vault::kKeptRecord + 1, encode_folder(folder)};
  const absl::StatusOr<CollectionId> collection = vault.put_collection(name, changes);
  if (collection.ok()) kept_[*collection] = {record, {{Vault::kKeptRecord + 1, folder}}};
  return collection;
}

absl::StatusOr<std::optional<ProjectFolder>> CollectionBook::trust(Vault& vault,
                                                                   const ProjectId& id,
                                                                   const ProjectFolder& folder) {
  const auto project = find_project(id);
  if (project == kept_.end()) {
    return make_error(Reason::kNotFound, "there is no such project; link it first");
  }
  std::map<std::uint64_t, ProjectFolder>& folders = project->second.folders;
  std::optional<ProjectFolder> before;
  std::uint64_t number = Vault::kKeptRecord + 1;
  const auto there =
      std::ranges::find_if(folders, [&](const auto& known) { return known.second.at(folder); });
  const auto moved = std::ranges::find_if(
      folders, [&](const auto& known) { return known.second.same_as(folder); });
  if (there != folders.end()) {
    number = there->first;
  } else if (moved != folders.end()) {
    number = moved->first;
    before = moved->second;
  } else if (folders.size() >= kMaxFolders) {
    return make_error(Reason::kLimit,
                      "the project has 64 folders; take one away with `tacit project unlink`");
  } else {
    while (folders.contains(number)) ++number;
  }
  const absl::Status stored =
      vault.set_policy_record(project->first, number, encode_folder(folder));
  if (!stored.ok()) return stored;
  folders.insert_or_assign(number, folder);
  return before;
}

absl::Status CollectionBook::unlink(Vault& vault, const ProjectId& id,
                                    const ProjectFolder& folder) {
  const auto project = find_project(id);
  if (project == kept_.end()) return make_error(Reason::kNotFound, "there is no such project");
  std::map<std::uint64_t, ProjectFolder>& folders = project->second.folders;
  const auto there =
      std::ranges::find_if(folders, [&](const auto& known) { return known.second.at(folder); });
  if (there == folders.end()) {
    return make_error(Reason::kNotFound, "the folder is none of the project's");
  }
  const absl::Status dropped = vault.set_policy_record(project->first, there->first, std::nullopt);
  if (dropped.ok()) folders.erase(there);
  return dropped;
}

}  // namespace tacit
