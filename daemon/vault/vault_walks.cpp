// Walks in slices: list, search, collections. A row taken away behind the daemon's back shows
// as a count that does not come out.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxSlice = 1 << 20;

bool has_all(const Attributes& attributes, const Attributes& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
    const auto found = attributes.find(pair.first);
    return found != attributes.end() && found->second == pair.second;
  });
}

absl::Status lost_rows() { return damaged("rows of the vault were taken away or added"); }

/// The collection that a walk keeps to: null for all. Nothing: there is no such collection, and so
/// nothing to walk over.
std::optional<const CollectionEntry*> scope_of(const Vault::Core& core,
                                               const std::optional<std::string>& collection) {
  if (!collection) return nullptr;
  const auto found = core.collections.find(*collection);
  if (found == core.collections.end()) return std::nullopt;
  return &found->second;
}

}  // namespace

absl::StatusOr<std::vector<ItemMetadata>> Vault::list(const std::optional<std::string>& collection,
                                                      bool names_only, Cursor& cursor,
                                                      std::size_t limit) {
  std::vector<ItemMetadata> out;
  if (cursor.done) return out;
  if (absl::Status same = core_->check_walk(cursor); !same.ok()) return same;
  limit = std::clamp<std::size_t>(limit, 1, kMaxSlice);
  const std::optional<const CollectionEntry*> scope = scope_of(*core_, collection);
  if (!scope) {
    cursor.done = true;
    return out;
  }
  const CollectionEntry* const entry = *scope;
  const Store::Reading reading(core_->store);
  if (!cursor.started) {
    cursor.started = true;
    cursor.changes = core_->name_changes;
  }
  const std::span<unsigned char> after(cursor.after);
  const std::span<unsigned char> after_collection = after.first(16);
  const std::span<unsigned char> after_tag = after.subspan(16);
  struct Seen {
    KnownName known;
    std::string name;
  };
  std::vector<Seen> seen;
  Statement& statement =
      entry != nullptr ? core_->store.sql.names_of_collection : core_->store.sql.names_after;
  {
    StatementUse use(statement);
    const auto bound = static_cast<std::int64_t>(limit);
    // The first slice begins before every key: a cursor of zeros could hide a row of that key.
    const bool first = cursor.seen == 0;
    if (entry != nullptr) {
      use->bind(1, entry->id).bind(2, first ? Bytes() : Bytes(after_tag)).bind(3, bound);
    } else {
      use->bind(1, first ? Bytes() : Bytes(after_collection))
          .bind(2, first ? Bytes() : Bytes(after_tag))
          .bind(3, bound);
    }
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      std::optional<NameRow> row = Store::name_row(statement);
      if (!row) return damaged("a name of the vault is malformed");
      const absl::StatusOr<WideTag> hash = core_->verify(*row);
      if (!hash.ok()) return hash.status();
      std::string name;
      if (row->live) {
        absl::StatusOr<std::string> opened = core_->open_name(*row);
        if (!opened.ok()) return opened.status();
        name = *std::move(opened);
      }
      row->sealed = {};
      seen.push_back({{*row, *hash}, std::move(name)});
    }
  }
  for (Seen& each : seen) {
    std::copy(each.known.row.collection.begin(), each.known.row.collection.end(),
              after_collection.begin());
    std::copy(each.known.row.tag.begin(), each.known.row.tag.end(), after_tag.begin());
    ++cursor.seen;
    if (!each.known.row.live) continue;
    const ItemName where{std::string(core_->collection_name(each.known.row.collection)),
                         std::move(each.name)};
    if (names_only) {
      ItemMetadata metadata;
      metadata.id = each.known.row.item;
      metadata.collection_id = each.known.row.collection;
      metadata.where = where;
      out.push_back(std::move(metadata));
      continue;
    }
    const absl::StatusOr<KnownVersion> version = core_->newest_version(each.known.row.item);
    if (!version.ok()) return version.status();
    if (version->record.deleted) return damaged("an item is deleted and not deleted at once");
    absl::StatusOr<ItemMetadata> metadata = core_->metadata(each.known, where, *version);
    if (!metadata.ok()) return metadata.status();
    out.push_back(*std::move(metadata));
  }
  if (seen.size() < limit) {
    cursor.done = true;
    const std::uint64_t want =
        entry != nullptr ? entry->names : core_->state.sum(Table::kName).count;
    if (cursor.changes == core_->name_changes) {
      if (cursor.seen != want) return lost_rows();
    } else if (entry != nullptr) {
      const absl::StatusOr<std::uint64_t> count = core_->store.count_names(entry->id);
      if (!count.ok()) return count.status();
      if (*count != want) return lost_rows();
    }
  }
  return out;
}

absl::StatusOr<std::vector<ItemMetadata>> Vault::search(
    const Attributes& attributes, const std::optional<std::string>& collection, Cursor& cursor,
    std::size_t limit) {
  std::vector<ItemMetadata> out;
  if (attributes.empty()) {
    return make_error(Reason::kInvalidArgument, "a search needs at least one attribute");
  }
  if (cursor.done) return out;
  if (absl::Status same = core_->check_walk(cursor); !same.ok()) return same;
  limit = std::clamp<std::size_t>(limit, 1, kMaxSlice);
  const std::optional<const CollectionEntry*> scope = scope_of(*core_, collection);
  if (!scope) {
    cursor.done = true;
    return out;
  }
  const CollectionEntry* const entry = *scope;
  const Store::Reading reading(core_->store);
  // Walk the rarest pair. It is chosen once: the cursor's key means nothing for another.
  if (!cursor.started) {
    std::uint64_t least = UINT64_MAX;
    std::size_t index = 0;
    for (const auto& [key, value] : attributes) {
      const std::uint64_t count =
          core_->attribute_counts
              .find(map_key(core_->session_key, core_->attribute_tag(key, value)))
              .value_or(0);
      if (count < least) {
        least = count;
        cursor.phase = static_cast<std::uint8_t>(index);
      }
      ++index;
    }
    cursor.started = true;
    cursor.changes = core_->attribute_changes;
  }
  if (cursor.phase >= attributes.size()) {
    return make_error(Reason::kInvalidArgument, "the cursor is of another search");
  }
  const auto pair = std::next(attributes.begin(), cursor.phase);
  const Tag tag = core_->attribute_tag(pair->first, pair->second);
  const std::span<unsigned char> after = std::span(cursor.after).first(16);
  std::vector<ItemId> items;
  {
    StatementUse use(core_->store.sql.items_with_attribute);
    use->bind(1, tag)
        .bind(2, cursor.seen == 0 ? Bytes() : Bytes(after))
        .bind(3, static_cast<std::int64_t>(limit));
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<AttributeRow> row =
          Store::attribute_row(core_->store.sql.items_with_attribute);
      if (!row) return damaged("an attribute of the vault is malformed");
      items.push_back(row->item);
    }
  }
  for (const ItemId& item : items) {
    std::copy(item.begin(), item.end(), after.begin());
    ++cursor.seen;
    std::string name;
    const absl::StatusOr<KnownName> known = core_->name_of_item(item, name);
    if (!known.ok()) return known.status();
    const absl::StatusOr<KnownVersion> version = core_->newest_version(item);
    if (!version.ok()) return version.status();
    // The row led here: an item that lacks the pair shows that the row was put there.
    const auto found = version->record.attributes.find(pair->first);
    if (version->record.deleted || found == version->record.attributes.end() ||
        found->second != pair->second) {
      return lost_rows();
    }
    if (entry != nullptr && known->row.collection != entry->id) continue;
    if (!has_all(version->record.attributes, attributes)) continue;
    const ItemName where{std::string(core_->collection_name(known->row.collection)),
                         std::move(name)};
    absl::StatusOr<ItemMetadata> metadata = core_->metadata(*known, where, *version);
    if (!metadata.ok()) return metadata.status();
    out.push_back(*std::move(metadata));
  }
  if (items.size() < limit) {
    cursor.done = true;
    const std::uint64_t want =
        core_->attribute_counts.find(map_key(core_->session_key, tag)).value_or(0);
    if (cursor.changes == core_->attribute_changes) {
      if (cursor.seen != want) return lost_rows();
    } else {
      const absl::StatusOr<std::uint64_t> count = core_->store.count_attribute(tag);
      if (!count.ok()) return count.status();
      if (*count != want) return lost_rows();
    }
  }
  return out;
}

absl::StatusOr<std::vector<Vault::CollectionInfo>> Vault::collections() {
  std::vector<CollectionInfo> out;
  for (const auto& [name, entry] : core_->collections) {
    out.push_back({entry.id, name, entry.live});
    if (const std::string* parent = core_->parent_of(name, entry)) {
      out.back().parent = *parent;
      out.back().profile = !entry.inherits_from;
    }
  }
  return out;
}

}  // namespace tacit
