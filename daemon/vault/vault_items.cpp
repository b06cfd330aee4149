// Reading and writing items.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/item_checks.h"
#include "daemon/vault/vault_core.h"

namespace tacit {

absl::Status Change::prune(const ItemId& item, std::uint64_t newest) {
  if (newest <= kHistoryVersions) return absl::OkStatus();
  absl::StatusOr<std::optional<KnownVersion>> old =
      core_.find_version(item, newest - kHistoryVersions);
  if (!old.ok()) return old.status();
  if (!*old) return absl::OkStatus();
  if (absl::Status status = put_policy({item, newest - kHistoryVersions, std::nullopt});
      !status.ok()) {
    return status;
  }
  return drop_version(**old);
}

absl::Status Change::bury(const KnownName& known, std::string_view name,
                          const KnownVersion& newest) {
  VersionRecord mark;
  mark.deleted = true;
  mark.strictest_policy = newest.record.strictest_policy;
  mark.created = newest.record.created;
  mark.modified = core_.now();
  const ItemId& item = known.row.item;
  absl::Status status = set_live(known, false, name);
  if (status.ok()) status = drop_attributes(item, newest.record.attributes);
  if (status.ok()) status = add_version(item, newest.version + 1, mark, nullptr);
  if (status.ok()) status = prune(item, newest.version + 1);
  return status;
}

Vault::Vault(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Vault::~Vault() {
  if (!core_) return;
  core_->end_backups();
  // What SQLite has cached is ciphertext; it goes all the same.
  sqlite3_db_release_memory(core_->store.connection().handle());
}

absl::StatusOr<ItemMetadata> Vault::describe(const ItemName& where, std::uint64_t version) {
  if (absl::Status status = check_where(where); !status.ok()) return status;
  const Store::Reading reading(core_->store);
  absl::StatusOr<Core::Found> found = core_->find_live(where);
  if (!found.ok()) return found.status();
  if (version == 0) return core_->metadata(found->name, where, found->version);
  absl::StatusOr<std::optional<KnownVersion>> old =
      core_->find_version(found->name.row.item, version);
  if (!old.ok()) return old.status();
  if (!*old || (*old)->record.deleted) {
    return make_error(Reason::kNotFound,
                      "the item has no such version; `tacit history` shows what is kept");
  }
  return core_->metadata(found->name, where, **old);
}

absl::StatusOr<Item> Vault::get(const ItemName& where, std::uint64_t version) {
  if (absl::Status status = check_where(where); !status.ok()) return status;
  const Store::Reading reading(core_->store);
  absl::StatusOr<Core::Found> found = core_->find_live(where);
  if (!found.ok()) return found.status();
  if (version != 0 && version != found->version.version) {
    absl::StatusOr<std::optional<KnownVersion>> old =
        core_->find_version(found->name.row.item, version);
    if (!old.ok()) return old.status();
    if (!*old || (*old)->record.deleted) {
      return make_error(Reason::kNotFound,
                        "the item has no such version; `tacit history` shows what is kept");
    }
    found->version = **std::move(old);
  }
  absl::StatusOr<SecretBytes> value = core_->open_value(found->version);
  if (!value.ok()) return value.status();
  absl::StatusOr<ItemMetadata> metadata = core_->metadata(found->name, where, found->version);
  if (!metadata.ok()) return metadata.status();
  return Item{*std::move(metadata), *std::move(value)};
}

absl::Status Vault::remove(const ItemName& where, bool purge,
                           std::optional<std::uint64_t> expected_version) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_where(where); !status.ok()) return status;
  absl::StatusOr<std::optional<KnownName>> name = core_->find_name(where);
  if (!name.ok()) return name.status();
  if (!*name || (!(*name)->row.live && !purge)) return no_such_item();
  const absl::StatusOr<KnownVersion> newest = core_->newest_version((*name)->row.item);
  if (!newest.ok()) return newest.status();
  if (absl::Status status = check_expected(expected_version, newest->version, true); !status.ok()) {
    return status;
  }
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  if (purge) {
    absl::Status status = write.purge(**name);
    if (status.ok()) status = write.drop_if_empty((*name)->row.collection);
    if (!status.ok()) return status;
  } else if (absl::Status status = write.bury(**name, where.name, *newest); !status.ok()) {
    return status;
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  const absl::StatusOr<ItemMetadata> metadata = core_->metadata(**name, where, *newest);
  if (metadata.ok()) core_->tell(*metadata, true);
  return absl::OkStatus();
}

absl::Status Vault::rename(const ItemName& from, const ItemName& to, bool replace,
                           std::optional<std::uint64_t> expected_version,
                           std::span<const PolicyChange> policies) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_where(from); !status.ok()) return status;
  if (absl::Status status = check_where(to); !status.ok()) return status;
  const absl::StatusOr<Core::Found> found = core_->find_live(from);
  if (!found.ok()) return found.status();
  if (absl::Status status = check_expected(expected_version, found->version.version, true);
      !status.ok()) {
    return status;
  }
  if (from.collection == to.collection && from.name == to.name) return absl::OkStatus();
  const absl::StatusOr<std::optional<KnownName>> target = core_->find_name(to);
  if (!target.ok()) return target.status();
  if (*target && !replace) {
    return make_error(Reason::kAlreadyExists,
                      (*target)->row.live
                          ? "the new name is taken; replace it, or choose another"
                          : "the new name has the history of a deleted item; replace or purge it");
  }
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  if (*target) {
    if (absl::Status status = write.purge(**target); !status.ok()) return status;
  }
  const absl::StatusOr<CollectionId> collection = write.collection(to.collection);
  if (!collection.ok()) return collection.status();
  absl::Status status = write.drop_name(found->name);
  const Tag tag = core_->name_tag(*collection, to.name);
  if (status.ok()) {
    status = write.add_name(*collection, tag, found->name.row.item, true, to.name);
  }
  if (status.ok() && *collection != found->name.row.collection) {
    status = write.drop_if_empty(found->name.row.collection);
  }
  if (status.ok()) status = write.put_policies(policies);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  KnownName moved = found->name;
  moved.row.collection = *collection;
  moved.row.tag = tag;
  core_->tell(*core_->metadata(found->name, from, found->version), true);
  core_->tell(*core_->metadata(moved, to, found->version), false);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ItemMetadata>> Vault::history(const ItemName& where) {
  if (absl::Status status = check_where(where); !status.ok()) return status;
  const Store::Reading reading(core_->store);
  const absl::StatusOr<std::optional<KnownName>> name = core_->find_name(where);
  if (!name.ok()) return name.status();
  if (!*name) return no_such_item();
  const absl::StatusOr<std::vector<KnownVersion>> versions = core_->versions((*name)->row.item);
  if (!versions.ok()) return versions.status();
  std::vector<ItemMetadata> out;
  for (const KnownVersion& version : *versions) {
    absl::StatusOr<ItemMetadata> metadata = core_->metadata(**name, where, version);
    if (!metadata.ok()) return metadata.status();
    out.push_back(*std::move(metadata));
  }
  return out;
}

absl::StatusOr<ItemMetadata> Vault::restore(const ItemName& where, std::uint64_t version,
                                            std::optional<std::uint64_t> expected_version,
                                            std::span<const PolicyChange> policies) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_where(where); !status.ok()) return status;
  const absl::StatusOr<std::optional<KnownName>> name = core_->find_name(where);
  if (!name.ok()) return name.status();
  if (!*name) return no_such_item();
  const ItemId& item = (*name)->row.item;
  const absl::StatusOr<KnownVersion> newest = core_->newest_version(item);
  if (!newest.ok()) return newest.status();
  const bool live = !newest->record.deleted;
  if (live != (*name)->row.live) return damaged("an item is deleted and not deleted at once");
  if (absl::Status status = check_expected(expected_version, newest->version, live); !status.ok()) {
    return status;
  }
  const absl::StatusOr<std::optional<KnownVersion>> old = core_->find_version(item, version);
  if (!old.ok()) return old.status();
  if (!*old || (*old)->record.deleted) {
    return make_error(Reason::kNotFound,
                      "the item has no such version; `tacit history` shows what is kept");
  }
  const absl::StatusOr<SecretBytes> value = core_->open_value(**old);
  if (!value.ok()) return value.status();
  KnownVersion stored;
  stored.version = newest->version + 1;
  stored.record = (*old)->record;
  stored.record.modified = core_->now();
  stored.record.strictest_policy =
      std::max(stored.record.strictest_policy, newest->record.strictest_policy);

  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  absl::Status status;
  if (live) {
    status = write.drop_attributes(item, newest->record.attributes);
  } else {
    status = write.set_live(**name, true, where.name);
  }
  if (status.ok()) status = write.add_version(item, stored.version, stored.record, &*value);
  if (status.ok()) status = write.add_attributes(item, stored.record.attributes);
  if (status.ok()) status = write.put_policies(policies);
  if (status.ok()) status = write.prune(item, stored.version);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  absl::StatusOr<ItemMetadata> metadata = core_->metadata(**name, where, stored);
  if (metadata.ok()) core_->tell(*metadata, false);
  return metadata;
}

}  // namespace tacit
