#include "daemon/vault/change.h"

#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/sealed.h"

namespace tacit {

Change::~Change() {
  if (!open_) return;
  core_.store.rollback();
}

absl::Status Change::begin() {
  if (absl::Status status = core_.locked.check_files(); !status.ok()) return status;
  if (absl::Status status = core_.store.begin(); !status.ok()) return status;
  open_ = true;
  return absl::OkStatus();
}

absl::Status Change::commit() {
  ++state_.epoch;
  const StateBytes plain = encode_state(state_);
  std::vector<unsigned char> sealed = seal_state(plain, core_.state_key, core_.vault_id);
  if (absl::Status status = core_.store.write_state(sealed); !status.ok()) return status;
  if (absl::Status status = core_.store.commit(); !status.ok()) {
    core_.store.rollback();
    open_ = false;
    core_.unsettled = true;
    // What is on disk decides: a commit that failed must have left the old state.
    const auto found = core_.store.read_state();
    if (found.ok() && *found != core_.committed_sealed) {
      core_.read_only = Reason::kIoError;
      core_.read_only_message =
          "a write failed halfway and the vault cannot tell what the disk holds; lock, check the "
          "disk, and unlock again";
    }
    return status;
  }
  open_ = false;
  core_.unsettled = false;
  core_.state = std::move(state_);
  core_.committed = plain;
  core_.committed_sealed = std::move(sealed);
  apply_to_memory();
  for (const auto& action : after_commit_) action();
  return absl::OkStatus();
}

void Change::apply_to_memory() {
  for (const MapChange& change : map_changes_) {
    if (change.map == &core_.attribute_counts) {
      const std::int64_t count =
          std::int64_t{core_.attribute_counts.find(change.key).value_or(0)} + change.step;
      if (count > 0) {
        core_.attribute_counts.put(change.key, static_cast<std::uint32_t>(count));
      } else {
        core_.attribute_counts.erase(change.key);
      }
    } else if (change.step > 0) {
      core_.rows.put(change.key, change.fingerprint);
    } else {
      core_.rows.erase(change.key);
    }
  }
  for (CollectionChange& change : collection_changes_) {
    if (change.made && !change.dropped) {
      core_.collection_names[change.id] = change.made->first;
      core_.collections.insert(std::move(*change.made));
    }
    const auto name = core_.collection_names.find(change.id);
    if (name == core_.collection_names.end()) continue;
    const auto entry = core_.collections.find(name->second);
    if (change.dropped) {
      core_.collections.erase(entry);
      core_.collection_names.erase(name);
      continue;
    }
    entry->second.names += static_cast<std::uint64_t>(change.names);
    entry->second.live += static_cast<std::uint64_t>(change.live);
  }
  core_.name_changes += name_changes_;
  core_.attribute_changes += attribute_changes_;
}

void Change::count_attribute(const AttributeRow& row, int step) {
  map_changes_.push_back({&core_.attribute_counts, map_key(core_.session_key, row.tag), 0, step});
  ++attribute_changes_;
}

Change::CollectionChange& Change::collection_change(const CollectionId& id) {
  for (CollectionChange& change : collection_changes_) {
    if (change.id == id) return change;
  }
  collection_changes_.push_back({id, 0, 0, std::nullopt, false});
  return collection_changes_.back();
}

void Change::add_names(const CollectionId& id, int names, int live) {
  CollectionChange& change = collection_change(id);
  change.names += names;
  change.live += live;
  if (names != 0) ++name_changes_;
}

absl::Status Change::insert_slot(const Slot& slot) {
  if (absl::Status status = core_.store.put_slot(slot); !status.ok()) return status;
  state_.sum(Table::kSlot).add(row_hash(core_.set_key, slot));
  return absl::OkStatus();
}

absl::Status Change::erase_slot(const Slot& slot) {
  if (absl::Status status = core_.store.drop_slot(slot.index); !status.ok()) return status;
  state_.sum(Table::kSlot).subtract(row_hash(core_.set_key, slot));
  return absl::OkStatus();
}

absl::Status Change::write_header(const Header& header, const KeyRing& ring,
                                  std::span<const Slot> slots) {
  Store::HeaderRow row;
  const auto body = encode_header(header);
  row.body.assign(body.begin(), body.end());
  row.ring = seal_ring(ring, subkey(core_.root, Subkey::kRing), core_.vault_id);
  row.mac = header_mac(subkey(core_.root, Subkey::kHeader), kApplicationId, kFormat, row.body,
                       row.ring, slots);
  if (absl::Status status = core_.store.write_header(row); !status.ok()) return status;
  state_.header_mac = row.mac;
  then([this, header, row = std::move(row)]() mutable {
    core_.locked.header = header;
    core_.locked.header_row = std::move(row);
  });
  return absl::OkStatus();
}

absl::StatusOr<CollectionId> Change::collection(std::string_view name) {
  if (const auto known = core_.collections.find(name); known != core_.collections.end()) {
    return known->second.id;
  }
  for (const CollectionChange& change : collection_changes_) {
    if (change.made && change.made->first == name) return change.id;
  }
  CollectionEntry entry;
  random_bytes(entry.id);
  entry.tag = core_.collection_tag(name);
  const KeyRing::Entry& key = core_.ring.newest();
  const auto aad = row_aad(
      core_.vault_id,
      {.part = RowPart::kCollection, .term = key.term, .subject = entry.id, .tag = entry.tag});
  const SecretBytes plain = encode_collection({std::nullopt, std::string(name)});
  const std::vector<unsigned char> sealed = seal_box(key.key, aad, plain.bytes());
  const CollectionRow row{entry.tag, entry.id, key.term, sealed};
  if (absl::Status status = insert(row); !status.ok()) return status;
  entry.hash = row_hash(core_.set_key, row);
  collection_change(entry.id).made.emplace(std::string(name), entry);
  return entry.id;
}

absl::Status Change::drop_if_empty(const CollectionId& id, std::string_view but_for) {
  const auto name = core_.collection_names.find(id);
  if (name == core_.collection_names.end()) return absl::OkStatus();
  const CollectionEntry& entry = core_.collections.find(name->second)->second;
  CollectionChange& change = collection_change(id);
  if (static_cast<std::int64_t>(entry.names) + change.names != 0) return absl::OkStatus();
  PolicyRow policy;
  policy.subject = id;
  const bool unguarded = std::ranges::count(unguarded_, id) != 0;
  if (core_.should_exist(policy) && !unguarded) return absl::OkStatus();
  policy.version = Vault::kKeptRecord;
  if (core_.should_exist(policy)) return absl::OkStatus();
  for (const auto& [other_name, other] : core_.collections) {
    if (other.inherits_from == id && other_name != but_for) return absl::OkStatus();
  }
  CollectionRow row;
  row.tag = entry.tag;
  row.id = id;
  change.dropped = true;
  return erase(row, entry.hash);
}

absl::Status Change::add_version(const ItemId& item, std::uint64_t version,
                                 const VersionRecord& record, const SecretBytes* value) {
  const KeyRing::Entry& key = core_.ring.newest();
  ItemRow row;
  row.item = item;
  row.version = version;
  row.term = key.term;
  RowBinding binding{
      .part = RowPart::kVersion, .term = key.term, .subject = item, .number = version};
  const SecretBytes plain = encode_version(record);
  const std::vector<unsigned char> sealed =
      seal_box(key.key, row_aad(core_.vault_id, binding), plain.bytes());
  row.sealed = sealed;
  Nonce nonce{};
  Mac mac{};
  if (value != nullptr) {
    binding.part = RowPart::kValue;
    nonce = random_nonce();
    SecretBytes data = pad_to(value->bytes(), padded_value(value->size()));
    mac = seal(key.key, nonce, row_aad(core_.vault_id, binding), data.bytes(), data.writable());
    row.value_nonce = nonce;
    row.value_mac = mac;
    if (absl::Status status = core_.store.insert_value(item, version, data.bytes()); !status.ok()) {
      return status;
    }
  }
  return insert(row);
}

absl::Status Change::add_attributes(const ItemId& item, const Attributes& attributes) {
  for (const auto& [key, value] : attributes) {
    if (absl::Status status = insert(AttributeRow{core_.attribute_tag(key, value), item});
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Change::drop_attributes(const ItemId& item, const Attributes& attributes) {
  for (const auto& [key, value] : attributes) {
    const AttributeRow row{core_.attribute_tag(key, value), item};
    if (absl::Status status = erase(row, row_hash(core_.set_key, row)); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Change::drop_version(const KnownVersion& version) {
  if (!version.record.deleted) {
    if (absl::Status status = core_.store.erase_value(version.item, version.version);
        !status.ok()) {
      return status;
    }
  }
  ItemRow row;
  row.item = version.item;
  row.version = version.version;
  return erase(row, version.hash);
}

absl::Status Change::add_name(const CollectionId& collection, const Tag& tag, const ItemId& item,
                              bool live, std::string_view name) {
  const KeyRing::Entry& key = core_.ring.newest();
  const auto aad = row_aad(core_.vault_id, {.part = RowPart::kName,
                                            .term = key.term,
                                            .subject = item,
                                            .number = live ? 1u : 0u,
                                            .collection = collection,
                                            .tag = tag});
  const SecretBytes plain = pad_to(bytes_of(name), padded_small(name.size()));
  const std::vector<unsigned char> sealed = seal_box(key.key, aad, plain.bytes());
  add_names(collection, 1, live ? 1 : 0);
  return insert(NameRow{collection, tag, item, live, key.term, sealed});
}

absl::Status Change::set_live(const KnownName& known, bool live, std::string_view name) {
  const KeyRing::Entry& key = core_.ring.newest();
  const auto aad = row_aad(core_.vault_id, {.part = RowPart::kName,
                                            .term = key.term,
                                            .subject = known.row.item,
                                            .number = live ? 1u : 0u,
                                            .collection = known.row.collection,
                                            .tag = known.row.tag});
  const SecretBytes plain = pad_to(bytes_of(name), padded_small(name.size()));
  const std::vector<unsigned char> sealed = seal_box(key.key, aad, plain.bytes());
  add_names(known.row.collection, 0, (live ? 1 : 0) - (known.row.live ? 1 : 0));
  return update(
      NameRow{known.row.collection, known.row.tag, known.row.item, live, key.term, sealed},
      known.hash);
}

absl::Status Change::drop_name(const KnownName& known) {
  add_names(known.row.collection, -1, known.row.live ? -1 : 0);
  return erase(known.row, known.hash);
}

absl::Status Change::drop_policies(const Vault::SubjectId& subject) {
  std::vector<std::pair<PolicyRow, WideTag>> policies;
  {
    StatementUse use(core_.store.sql.policies_after);
    use->bind(1, subject).bind(2, std::int64_t{-1}).bind(3, std::int64_t{-1});
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      std::optional<PolicyRow> row = Store::policy_row(core_.store.sql.policies_after);
      if (!row) return damaged("a policy row is malformed");
      if (row->subject != subject) break;
      absl::StatusOr<WideTag> hash = core_.verify(*row);
      if (!hash.ok()) return hash.status();
      row->sealed = {};
      policies.emplace_back(*row, *hash);
    }
  }
  for (const auto& [row, hash] : policies) {
    if (absl::Status status = erase(row, hash); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Change::purge(const KnownName& known) {
  absl::StatusOr<std::vector<KnownVersion>> versions = core_.versions(known.row.item);
  if (!versions.ok()) return versions.status();
  if (known.row.live) {
    if (absl::Status status = drop_attributes(known.row.item, versions->front().record.attributes);
        !status.ok()) {
      return status;
    }
  }
  for (const KnownVersion& version : *versions) {
    if (absl::Status status = drop_version(version); !status.ok()) return status;
  }
  // Policies of the item and its versions go with it.
  if (absl::Status status = drop_policies(known.row.item); !status.ok()) return status;
  return drop_name(known);
}

}  // namespace tacit
