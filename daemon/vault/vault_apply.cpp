// Storing values: one change, or several in one transaction.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/item_checks.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

/// A change that was checked, with all that is to be written.
struct Planned {
  ItemName where;
  std::optional<KnownName> name;
  std::optional<KnownVersion> newest;
  bool live = false;  ///< before the change
  bool removal = false;
  VersionRecord record;
  SecretBytes value;
};

/// The item as it is now.
absl::StatusOr<Planned> look_up(const Vault::Core& core, ItemName where) {
  if (absl::Status status = check_where(where); !status.ok()) return status;
  Planned plan;
  plan.where = std::move(where);
  absl::StatusOr<std::optional<KnownName>> name = core.find_name(plan.where);
  if (!name.ok()) return name.status();
  plan.name = *std::move(name);
  if (!plan.name) return plan;
  absl::StatusOr<KnownVersion> newest = core.newest_version(plan.name->row.item);
  if (!newest.ok()) return newest.status();
  plan.newest = *std::move(newest);
  plan.live = !plan.newest->record.deleted;
  if (plan.live != plan.name->row.live) {
    return damaged("an item is deleted and not deleted at once");
  }
  return plan;
}

absl::StatusOr<Planned> plan_set(const Vault::Core& core, ItemName where, ItemChange change) {
  if (absl::Status status = check_change(change); !status.ok()) return status;
  absl::StatusOr<Planned> plan = look_up(core, std::move(where));
  if (!plan.ok()) return plan;
  const std::optional<KnownVersion>& newest = plan->newest;
  const bool live = plan->live;
  if (absl::Status status =
          check_expected(change.expected_version, newest ? newest->version : 0, live);
      !status.ok()) {
    return status;
  }
  if (!change.value && !live) return no_such_item();

  VersionRecord& record = plan->record;
  const UnixMillis now = core.now();
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
  if (change.value) {
    plan->value = *std::move(change.value);
  } else {
    absl::StatusOr<SecretBytes> kept = core.open_value(*newest);
    if (!kept.ok()) return kept.status();
    plan->value = *std::move(kept);
  }
  record.value_size = static_cast<std::uint32_t>(plan->value.size());
  return plan;
}

absl::StatusOr<Planned> plan_removal(const Vault::Core& core, ItemName where,
                                     std::optional<std::uint64_t> expected) {
  absl::StatusOr<Planned> plan = look_up(core, std::move(where));
  if (!plan.ok()) return plan;
  if (!plan->live) return no_such_item();
  if (absl::Status status = check_expected(expected, plan->newest->version, true); !status.ok()) {
    return status;
  }
  plan->removal = true;
  return plan;
}

struct Stored {
  KnownName name;
  KnownVersion version;
};

absl::StatusOr<Stored> write_set(Change& write, const Vault::Core& core, Planned& plan) {
  Stored stored;
  absl::Status status;
  if (plan.name) {
    stored.name = *plan.name;
    stored.version.version = plan.newest->version + 1;
    if (!plan.live) status = write.set_live(*plan.name, true, plan.where.name);
  } else {
    const absl::StatusOr<CollectionId> collection = write.collection(plan.where.collection);
    if (!collection.ok()) return collection.status();
    stored.name.row.collection = *collection;
    stored.name.row.tag = core.name_tag(*collection, plan.where.name);
    random_bytes(stored.name.row.item);
    stored.version.version = 1;
    status = write.add_name(*collection, stored.name.row.tag, stored.name.row.item, true,
                            plan.where.name);
  }
  const ItemId& item = stored.name.row.item;
  if (status.ok()) {
    status = write.add_version(item, stored.version.version, plan.record, &plan.value);
  }
  if (!plan.live || plan.record.attributes != plan.newest->record.attributes) {
    if (status.ok() && plan.live) {
      status = write.drop_attributes(item, plan.newest->record.attributes);
    }
    if (status.ok()) status = write.add_attributes(item, plan.record.attributes);
  }
  if (status.ok()) status = write.prune(item, stored.version.version);
  if (!status.ok()) return status;
  stored.version.record = std::move(plan.record);
  return stored;
}

absl::Status too_many() {
  return make_error(Reason::kInvalidArgument, "1 to 1,000 changes are made at once");
}

}  // namespace

absl::StatusOr<ItemMetadata> Vault::set(const ItemName& where, ItemChange change) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  absl::StatusOr<Planned> plan = plan_set(*core_, where, std::move(change));
  if (!plan.ok()) return plan.status();
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  const absl::StatusOr<Stored> stored = write_set(write, *core_, *plan);
  if (!stored.ok()) return stored.status();
  if (absl::Status status = write.commit(); !status.ok()) return status;
  absl::StatusOr<ItemMetadata> metadata = core_->metadata(stored->name, where, stored->version);
  if (metadata.ok()) core_->tell(*metadata, false);
  return metadata;
}

absl::StatusOr<std::vector<std::uint64_t>> Vault::apply(std::vector<ItemEdit> edits) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (edits.empty() || edits.size() > kMaxEditsAtOnce) return too_many();
  // Each is checked against what is there before the first is written, so that no two may be about
  // the same item.
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<Planned> plans;
  for (ItemEdit& edit : edits) {
    if (!seen.emplace(edit.where.collection, edit.where.name).second) {
      return make_error(Reason::kInvalidArgument, "an item is changed twice in one go");
    }
    absl::StatusOr<Planned> plan =
        edit.change ? plan_set(*core_, std::move(edit.where), *std::move(edit.change))
                    : plan_removal(*core_, std::move(edit.where), edit.expected_version);
    if (!plan.ok()) return plan.status();
    plans.push_back(*std::move(plan));
  }
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  std::vector<Stored> all;
  for (Planned& plan : plans) {
    if (plan.removal) {
      absl::Status status = write.bury(*plan.name, plan.where.name, *plan.newest);
      if (!status.ok()) return status;
      all.push_back({*plan.name, *plan.newest});
      continue;
    }
    absl::StatusOr<Stored> stored = write_set(write, *core_, plan);
    if (!stored.ok()) return stored.status();
    all.push_back(*std::move(stored));
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  std::vector<std::uint64_t> versions;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    versions.push_back(plans[i].removal ? 0 : all[i].version.version);
    const absl::StatusOr<ItemMetadata> metadata =
        core_->metadata(all[i].name, plans[i].where, all[i].version);
    if (metadata.ok()) core_->tell(*metadata, plans[i].removal);
  }
  return versions;
}

}  // namespace tacit
