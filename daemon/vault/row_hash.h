// A row's element in the multiset hash, and its key in the map of fingerprints (FORMAT.md,
// "Sums").
#pragma once
#include <cstdint>

#include "daemon/crypto/tag.h"
#include "daemon/vault/store.h"

namespace tacit {

WideTag row_hash(const KeyBytes& set_key, const NameRow& row);
WideTag row_hash(const KeyBytes& set_key, const ItemRow& row);
WideTag row_hash(const KeyBytes& set_key, const AttributeRow& row);
WideTag row_hash(const KeyBytes& set_key, const CollectionRow& row);
WideTag row_hash(const KeyBytes& set_key, const PolicyRow& row);
WideTag row_hash(const KeyBytes& set_key, const Slot& slot);

constexpr Table table_of(const NameRow&) { return Table::kName; }
constexpr Table table_of(const ItemRow&) { return Table::kItem; }
constexpr Table table_of(const AttributeRow&) { return Table::kAttribute; }
constexpr Table table_of(const CollectionRow&) { return Table::kCollection; }
constexpr Table table_of(const PolicyRow&) { return Table::kPolicy; }

/// Keys of the map, under a key that lives for one unlock.
std::uint64_t map_key(const KeyBytes& key, const NameRow& row);
std::uint64_t map_key(const KeyBytes& key, const ItemRow& row);
std::uint64_t map_key(const KeyBytes& key, const PolicyRow& row);
/// Of an attribute tag: in its own map, from tag to number of rows.
std::uint64_t map_key(const KeyBytes& key, const Tag& attribute_tag);

/// What the map keeps of a row.
inline std::uint32_t fingerprint(const WideTag& hash) {
  return std::uint32_t{hash[0]} | std::uint32_t{hash[1]} << 8 | std::uint32_t{hash[2]} << 16 |
         std::uint32_t{hash[3]} << 24;
}

}  // namespace tacit
