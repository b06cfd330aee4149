// Collections as things of their own: made, renamed, deleted, inheriting from one another.
#include <algorithm>
#include <functional>
#include <map>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"
#include "tacit/reference.h"  // check_name

namespace tacit {
namespace {

using Parents = std::map<std::string, std::string, std::less<>>;

absl::Status no_such_collection() {
  return make_error(Reason::kNotFound,
                    "no such collection; `tacit collection list` shows what is there");
}

absl::Status check_collection_name(const std::string& name) {
  const Result<void> checked = check_name(name, "collection");
  if (checked) return absl::OkStatus();
  return make_error(checked.error().code, checked.error().message);
}

/// `X` of `X/P`; empty: the name is no profile's.
std::string_view project_part(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size() ||
      name.find('/', slash + 1) != std::string_view::npos) {
    return {};
  }
  return name.substr(0, slash);
}

/// What each collection would inherit from, were `told` what they were told.
Parents parents_of(const std::map<std::string, std::string, std::less<>>& told,
                   const std::function<bool(std::string_view)>& exists,
                   const std::vector<std::string>& names) {
  Parents parents;
  for (const std::string& name : names) {
    if (const auto own = told.find(name); own != told.end()) {
      parents.emplace(name, own->second);
      continue;
    }
    const std::string_view project = project_part(name);
    if (!project.empty() && exists(project)) parents.emplace(name, project);
  }
  return parents;
}

/// Whether every way up that leads through `changed` ends in time.
absl::Status check_ways(const Parents& parents, std::string_view changed) {
  for (const auto& [name, parent] : parents) {
    std::string_view at = name;
    bool through = at == changed;
    std::size_t steps = 0;
    for (auto next = parents.find(at); next != parents.end(); next = parents.find(at)) {
      at = next->second;
      through = through || at == changed;
      if (at == name && through) {
        return make_error(Reason::kInvalidArgument,
                          "a collection would inherit from itself; nothing was changed");
      }
      if (++steps > Vault::kMaxAbove) break;
    }
    if (through && steps > Vault::kMaxAbove) {
      return make_error(Reason::kInvalidArgument,
                        "a collection would inherit over more than 4 others; nothing was changed");
    }
  }
  return absl::OkStatus();
}

/// The families as they would be with one collection renamed or told another parent.
absl::Status check_families(const Vault::Core& core, const std::string& name,
                            const std::string& new_name,
                            const std::optional<CollectionId>& parent) {
  std::map<std::string, std::string, std::less<>> told;
  std::vector<std::string> names;
  const auto name_now = [&](const CollectionId& id) {
    const std::string_view old = core.collection_name(id);
    return std::string(old == name ? new_name : old);
  };
  for (const auto& [old, entry] : core.collections) {
    const bool changed = old == name;
    names.push_back(changed ? new_name : old);
    const std::optional<CollectionId>& above = changed ? parent : entry.inherits_from;
    if (above) told.emplace(names.back(), name_now(*above));
  }
  const auto exists = [&](std::string_view other) {
    return other == new_name || (other != name && core.collections.contains(other));
  };
  const Parents parents = parents_of(told, exists, names);
  return check_ways(parents, new_name);
}

/// Every name row of a collection, those of deleted items too.
absl::StatusOr<std::vector<KnownName>> names_in(const Vault::Core& core,
                                                const CollectionEntry& entry) {
  std::vector<KnownName> out;
  StatementUse use(core.store.sql.names_of_collection);
  use->bind(1, entry.id).bind(2, Bytes()).bind(3, std::int64_t{-1});
  for (;;) {
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) break;
    std::optional<NameRow> row = Store::name_row(core.store.sql.names_of_collection);
    if (!row || row->collection != entry.id) return damaged("a name of the vault is malformed");
    const absl::StatusOr<WideTag> hash = core.verify(*row);
    if (!hash.ok()) return hash.status();
    row->sealed = {};
    out.push_back({*row, *hash});
  }
  if (out.size() != entry.names) return damaged("rows of the vault were taken away or added");
  return out;
}

absl::Status too_many(std::uint64_t items) {
  return make_error(Reason::kLimit, "the collection has " + std::to_string(items) +
                                        " items, and at most 10,000 are deleted at once; delete "
                                        "some of them first");
}

}  // namespace

const std::string* Vault::Core::parent_of(std::string_view name,
                                          const CollectionEntry& entry) const {
  if (entry.inherits_from) {
    const auto told = collection_names.find(*entry.inherits_from);
    return told == collection_names.end() ? nullptr : &told->second;
  }
  const std::string_view project = project_part(name);
  if (project.empty()) return nullptr;
  const auto found = collections.find(project);
  return found == collections.end() ? nullptr : &found->first;
}

std::string Vault::collection_name(const CollectionId& id) const {
  return std::string(core_->collection_name(id));
}

std::vector<std::string> Vault::above(std::string_view collection) const {
  std::vector<std::string> out;
  auto at = core_->collections.find(collection);
  while (at != core_->collections.end() && out.size() < kMaxAbove) {
    const std::string* parent = core_->parent_of(at->first, at->second);
    if (parent == nullptr || *parent == collection) break;
    out.push_back(*parent);
    at = core_->collections.find(*parent);
  }
  return out;
}

absl::StatusOr<ItemName> Vault::inherited(const ItemName& where) {
  const std::vector<std::string> parents = above(where.collection);
  if (parents.empty()) return where;
  const Store::Reading reading(core_->store);
  ItemName place = where;
  for (std::size_t i = 0;; ++i) {
    const absl::StatusOr<std::optional<KnownName>> name = core_->find_name(place);
    if (!name.ok()) return name.status();
    if (*name && (*name)->row.live) return place;
    if (i == parents.size()) return where;
    place.collection = parents[i];
  }
}

absl::StatusOr<ItemName> Vault::place_of(const ItemId& item) {
  {
    StatementUse use(core_->store.sql.find_name_of_item);
    use->bind(1, item);
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) return make_error(Reason::kNotFound, "there is no such item any more");
  }
  std::string name;
  const absl::StatusOr<KnownName> known = core_->name_of_item(item, name);
  if (!known.ok()) return known.status();
  return ItemName{std::string(core_->collection_name(known->row.collection)), std::move(name)};
}

absl::Status Change::rewrite_collection(const std::string& name, const std::string& new_name,
                                        const std::optional<CollectionId>& parent) {
  const CollectionEntry old = core_.collections.find(name)->second;
  CollectionEntry entry = old;
  entry.inherits_from = parent;
  entry.tag = core_.collection_tag(new_name);
  const KeyRing::Entry& key = core_.ring.newest();
  const auto aad = row_aad(
      core_.vault_id,
      {.part = RowPart::kCollection, .term = key.term, .subject = entry.id, .tag = entry.tag});
  const SecretBytes plain = encode_collection({parent, new_name});
  const std::vector<unsigned char> sealed = seal_box(key.key, aad, plain.bytes());
  const CollectionRow row{entry.tag, entry.id, key.term, sealed};
  absl::Status status;
  if (name == new_name) {
    status = update(row, old.hash);
  } else {
    CollectionRow gone;
    gone.tag = old.tag;
    gone.id = old.id;
    status = erase(gone, old.hash);
    if (status.ok()) status = insert(row);
  }
  if (!status.ok()) return status;
  entry.hash = row_hash(core_.set_key, row);
  then([this, name, new_name, entry] {
    core_.collections.erase(name);
    core_.collections.emplace(new_name, entry);
    core_.collection_names[entry.id] = new_name;
  });
  return absl::OkStatus();
}

absl::Status Change::drop_collection(const std::string& name) {
  const CollectionEntry& entry = core_.collections.find(name)->second;
  CollectionRow row;
  row.tag = entry.tag;
  row.id = entry.id;
  collection_change(entry.id).dropped = true;
  return erase(row, entry.hash);
}

absl::StatusOr<CollectionId> Vault::put_collection(const std::string& name,
                                                   std::span<const PolicyChange> records) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_collection_name(name); !status.ok()) return status;
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  const absl::StatusOr<CollectionId> id = write.collection(name);
  if (!id.ok()) return id.status();
  for (const PolicyChange& record : records) {
    PolicyChange own{*id, record.version, std::nullopt};
    if (record.record) own.record = record.record->clone();
    if (absl::Status status = write.put_policy(own); !status.ok()) return status;
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  return *id;
}

absl::Status Vault::rename_collection(const std::string& from, const std::string& to,
                                      std::span<const PolicyChange> policies) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (absl::Status status = check_collection_name(to); !status.ok()) return status;
  const auto entry = core_->collections.find(from);
  if (entry == core_->collections.end()) return no_such_collection();
  if (from == to) return absl::OkStatus();
  if (core_->collections.contains(to)) {
    return make_error(Reason::kAlreadyExists,
                      "there is a collection of the new name; delete it, or choose another name");
  }
  // Profiles belong to a name: they would be lost, or others' become this one's.
  for (const auto& [name, other] : core_->collections) {
    if (project_part(name) == from) {
      return make_error(Reason::kNotEmpty,
                        "the collection has profiles (`tacit collection list`); rename or delete "
                        "them first");
    }
    if (project_part(name) == to) {
      return make_error(Reason::kAlreadyExists,
                        "there are profiles of the new name, which would become this "
                        "collection's (`tacit collection list`); choose another name");
    }
  }
  const std::optional<CollectionId> parent = entry->second.inherits_from;
  if (absl::Status status = check_families(*core_, from, to, parent); !status.ok()) return status;
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.rewrite_collection(from, to, parent);
  if (status.ok()) status = write.put_policies(policies);
  if (status.ok()) status = write.commit();
  return status;
}

absl::StatusOr<std::uint64_t> Vault::delete_collection(const std::string& name, bool with_items,
                                                       std::span<const PolicyChange> policies) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  const auto found = core_->collections.find(name);
  if (found == core_->collections.end()) return no_such_collection();
  const CollectionEntry& entry = found->second;
  for (const auto& [other_name, other] : core_->collections) {
    if (other.inherits_from == entry.id) {
      return make_error(Reason::kNotEmpty,
                        "another collection was told to inherit from this one; give it another "
                        "parent first (`tacit collection inherit`)");
    }
  }
  if (entry.names != 0 && !with_items) {
    return make_error(Reason::kNotEmpty,
                      "the collection holds " + std::to_string(entry.live) +
                          (entry.live == 1 ? " item and " : " items and ") +
                          std::to_string(entry.names - entry.live) +
                          (entry.names - entry.live == 1 ? " deleted one with its history"
                                                         : " deleted ones with their history") +
                          "; delete it with its items, or purge "
                          "them first");
  }
  if (entry.names > kMaxItemsAtOnce) return too_many(entry.names);
  const absl::StatusOr<std::vector<KnownName>> names = names_in(*core_, entry);
  if (!names.ok()) return names.status();
  const std::uint64_t live = entry.live;
  Change write(*core_);
  absl::Status status = write.begin();
  for (const KnownName& known : *names) {
    if (status.ok()) status = write.purge(known);
  }
  if (status.ok()) status = write.drop_policies(entry.id);
  if (status.ok()) status = write.drop_collection(name);
  if (status.ok()) status = write.put_policies(policies);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  return live;
}

absl::StatusOr<std::uint64_t> Vault::clear_collection(const std::string& name) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  const auto found = core_->collections.find(name);
  if (found == core_->collections.end()) return no_such_collection();
  if (found->second.live > kMaxItemsAtOnce) return too_many(found->second.live);
  const absl::StatusOr<std::vector<KnownName>> names = names_in(*core_, found->second);
  if (!names.ok()) return names.status();
  std::uint64_t deleted = 0;
  Change write(*core_);
  if (absl::Status status = write.begin(); !status.ok()) return status;
  for (const KnownName& known : *names) {
    if (!known.row.live) continue;
    std::string item_name;
    const absl::StatusOr<KnownName> opened = core_->name_of_item(known.row.item, item_name);
    if (!opened.ok()) return opened.status();
    const absl::StatusOr<KnownVersion> newest = core_->newest_version(known.row.item);
    if (!newest.ok()) return newest.status();
    if (absl::Status status = write.bury(known, item_name, *newest); !status.ok()) return status;
    ++deleted;
  }
  if (absl::Status status = write.commit(); !status.ok()) return status;
  return deleted;
}

absl::Status Vault::inherit(const std::string& name, const std::optional<std::string>& parent) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (!core_->collections.contains(name)) return no_such_collection();
  std::optional<CollectionId> above_id;
  if (parent) {
    above_id = collection_id(*parent);
    if (!above_id) {
      return make_error(Reason::kNotFound,
                        "there is no collection of the parent's name; make it first (`tacit "
                        "collection create`)");
    }
  }
  if (absl::Status status = check_families(*core_, name, name, above_id); !status.ok()) {
    return status;
  }
  const std::optional<CollectionId> old = core_->collections.find(name)->second.inherits_from;
  if (old == above_id) return absl::OkStatus();
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.rewrite_collection(name, name, above_id);
  // A collection that only this one held on to.
  if (status.ok() && old) status = write.drop_if_empty(*old, name);
  if (status.ok()) status = write.commit();
  return status;
}

}  // namespace tacit
