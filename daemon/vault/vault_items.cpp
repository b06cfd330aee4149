// Reading and writing items.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/vault_core.h"
#include "tacit/reference.h"  // check_name, limits

namespace tacit {
namespace {

absl::Status check_text(std::string_view text, std::string_view what) {
  const Result<void> checked = check_name(text, what);
  if (checked) return absl::OkStatus();
  return make_error(checked.error().code, checked.error().message);
}

absl::Status check_where(const ItemName& where) {
  if (absl::Status status = check_text(where.collection, "collection"); !status.ok()) {
    return status;
  }
  return check_text(where.name, "name");
}

absl::Status check_attributes(const Attributes& attributes) {
  if (attributes.size() > kMaxAttributes) {
    return make_error(Reason::kInvalidArgument, "an item has at most 64 attributes");
  }
  for (const auto& [key, value] : attributes) {
    if (key.size() > kMaxAttributeKeyBytes || value.size() > kMaxAttributeValueBytes) {
      return make_error(Reason::kInvalidArgument,
                        "an attribute has a key of 1 to 256 bytes and a value of up to 1,024");
    }
    if (absl::Status status = check_text(key, "attribute key"); !status.ok()) return status;
    if (value.empty()) continue;
    if (absl::Status status = check_text(value, "attribute value"); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status check_change(const ItemChange& change) {
  if (change.value && change.value->size() > kMaxValueBytes) {
    return make_error(Reason::kValueTooLarge, "the value has " +
                                                  std::to_string(change.value->size()) +
                                                  " bytes; at most 786,432 (768 KiB) are kept");
  }
  if (change.content_type) {
    if (change.content_type->size() > kMaxContentTypeBytes) {
      return make_error(Reason::kInvalidArgument, "a content type has at most 255 bytes");
    }
    if (!change.content_type->empty()) {
      if (absl::Status status = check_text(*change.content_type, "content type"); !status.ok()) {
        return status;
      }
    }
  }
  if (change.expires && *change.expires < 0) {
    return make_error(Reason::kInvalidArgument, "an expiry lies after 1970, or is 0 for never");
  }
  if (change.attributes) return check_attributes(*change.attributes);
  return absl::OkStatus();
}

absl::Status check_expected(std::optional<std::uint64_t> expected, std::uint64_t newest,
                            bool live) {
  if (!expected) return absl::OkStatus();
  if (*expected == 0) {
    if (!live) return absl::OkStatus();
    return make_error(Reason::kAlreadyExists,
                      "the item exists already (version " + std::to_string(newest) + ")");
  }
  if (*expected == newest) return absl::OkStatus();
  return make_error(Reason::kVersionMismatch, "the item was changed meanwhile: it is at version " +
                                                  std::to_string(newest) + ", not " +
                                                  std::to_string(*expected) + "; read it again");
}

absl::Status no_such_item() {
  return make_error(Reason::kNotFound, "no such item; `tacit list` shows what is there");
}

/// Takes away the version that falls out of the history when `newest` comes in.
absl::Status prune(Change& change, const Vault::Core& core, const ItemId& item,
                   std::uint64_t newest) {
  if (newest <= kHistoryVersions) return absl::OkStatus();
  absl::StatusOr<std::optional<KnownVersion>> old =
      core.find_version(item, newest - kHistoryVersions);
  if (!old.ok()) return old.status();
  if (!*old) return absl::OkStatus();
  if (absl::Status status = change.put_policy({item, newest - kHistoryVersions, std::nullopt});
      !status.ok()) {
    return status;
  }
  return change.drop_version(**old);
}

}  // namespace

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
  if (status.ok()) status = prune(*this, core_, item, newest.version + 1);
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

absl::StatusOr<ItemMetadata> Vault::set(const ItemName& where, ItemChange change) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_where(where); !status.ok()) return status;
  if (absl::Status status = check_change(change); !status.ok()) return status;

  absl::StatusOr<std::optional<KnownName>> name = core_->find_name(where);
  if (!name.ok()) return name.status();
  std::optional<KnownVersion> newest;
  if (*name) {
    absl::StatusOr<KnownVersion> found = core_->newest_version((*name)->row.item);
    if (!found.ok()) return found.status();
    newest = *std::move(found);
  }
  const bool live = newest && !newest->record.deleted;
  if (newest && live != (*name)->row.live) {
    return damaged("an item is deleted and not deleted at once");
  }
  if (absl::Status status =
          check_expected(change.expected_version, newest ? newest->version : 0, live);
      !status.ok()) {
    return status;
  }
  if (!change.value && !live) return no_such_item();

  VersionRecord record;
  const UnixMillis now = core_->now();
  record.modified = now;
  record.created = live ? newest->record.created : now;
  // A deleted item that comes back keeps its strictness, though nothing else.
  if (newest) record.strictest_policy = newest->record.strictest_policy;
  if (change.attributes) {
    record.attributes = *std::move(change.attributes);
  } else if (live) {
    record.attributes = newest->record.attributes;
  }
  if (change.content_type) {
    record.content_type = *std::move(change.content_type);
  } else if (live) {
    record.content_type = newest->record.content_type;
  }
  if (change.expires) {
    record.expires = *change.expires;
  } else if (!change.value) {
    record.expires = newest->record.expires;
  }
  SecretBytes value;
  if (change.value) {
    value = *std::move(change.value);
  } else {
    absl::StatusOr<SecretBytes> kept = core_->open_value(*newest);
    if (!kept.ok()) return kept.status();
    value = *std::move(kept);
  }
  record.value_size = static_cast<std::uint32_t>(value.size());

  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  KnownVersion stored;
  KnownName stored_name;
  if (*name) {
    stored_name = **name;
    stored.version = newest->version + 1;
    if (!live) {
      if (absl::Status status = write.set_live(**name, true, where.name); !status.ok()) {
        return status;
      }
    }
  } else {
    absl::StatusOr<CollectionId> collection = write.collection(where.collection);
    if (!collection.ok()) return collection.status();
    stored_name.row.collection = *collection;
    stored_name.row.tag = core_->name_tag(*collection, where.name);
    random_bytes(stored_name.row.item);
    stored.version = 1;
    if (absl::Status status = write.add_name(*collection, stored_name.row.tag, stored_name.row.item,
                                             true, where.name);
        !status.ok()) {
      return status;
    }
  }
  const ItemId& item = stored_name.row.item;
  if (absl::Status status = write.add_version(item, stored.version, record, &value); !status.ok()) {
    return status;
  }
  if (!live || record.attributes != newest->record.attributes) {
    if (live) {
      if (absl::Status status = write.drop_attributes(item, newest->record.attributes);
          !status.ok()) {
        return status;
      }
    }
    if (absl::Status status = write.add_attributes(item, record.attributes); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = prune(write, *core_, item, stored.version); !status.ok()) {
    return status;
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  stored.record = std::move(record);
  absl::StatusOr<ItemMetadata> metadata = core_->metadata(stored_name, where, stored);
  if (metadata.ok()) core_->tell(*metadata, false);
  return metadata;
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
  if (status.ok()) status = prune(write, *core_, item, stored.version);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  absl::StatusOr<ItemMetadata> metadata = core_->metadata(**name, where, stored);
  if (metadata.ok()) core_->tell(*metadata, false);
  return metadata;
}

}  // namespace tacit
