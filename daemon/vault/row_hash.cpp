#include "daemon/vault/row_hash.h"

#include "daemon/vault/codec.h"
#include "daemon/vault/slot_codec.h"

namespace tacit {
namespace {

using TableByte = std::array<unsigned char, 1>;
using Number = std::array<unsigned char, 8>;

TableByte byte_of(Table table) { return {static_cast<unsigned char>(table)}; }

Number number(std::uint64_t value) {
  Number out{};
  FieldWriter(out).u64(value);
  return out;
}

/// Table and two parts of a key, of fixed lengths for each table.
template <std::size_t N>
std::uint64_t key_of(const KeyBytes& key, Table table, Bytes first, Bytes second) {
  std::array<unsigned char, N> input{};
  FieldWriter out(input);
  out.u8(static_cast<std::uint8_t>(table));
  out.raw(first);
  out.raw(second);
  return short_hash(key, input);
}

}  // namespace

WideTag row_hash(const KeyBytes& set_key, const NameRow& row) {
  return keyed_wide_tag(set_key, {byte_of(Table::kName), row.collection, row.tag, row.item,
                                  number(row.live ? 1 : 0), number(row.term), row.sealed});
}

WideTag row_hash(const KeyBytes& set_key, const ItemRow& row) {
  return keyed_wide_tag(set_key, {byte_of(Table::kItem), row.item, number(row.version),
                                  number(row.term), row.value_nonce, row.value_mac, row.sealed});
}

WideTag row_hash(const KeyBytes& set_key, const AttributeRow& row) {
  return keyed_wide_tag(set_key, {byte_of(Table::kAttribute), row.tag, row.item});
}

WideTag row_hash(const KeyBytes& set_key, const CollectionRow& row) {
  return keyed_wide_tag(
      set_key, {byte_of(Table::kCollection), row.tag, row.id, number(row.term), row.sealed});
}

WideTag row_hash(const KeyBytes& set_key, const PolicyRow& row) {
  return keyed_wide_tag(set_key, {byte_of(Table::kPolicy), row.subject, number(row.version),
                                  number(row.term), row.sealed});
}

WideTag row_hash(const KeyBytes& set_key, const Slot& slot) {
  return keyed_wide_tag(set_key, {byte_of(Table::kSlot), number(slot.index), encode_slot(slot)});
}

std::uint64_t map_key(const KeyBytes& key, const NameRow& row) {
  return key_of<1 + 16 + 32>(key, Table::kName, row.collection, row.tag);
}

std::uint64_t map_key(const KeyBytes& key, const ItemRow& row) {
  return key_of<1 + 16 + 8>(key, Table::kItem, row.item, number(row.version));
}

std::uint64_t map_key(const KeyBytes& key, const PolicyRow& row) {
  return key_of<1 + 16 + 8>(key, Table::kPolicy, row.subject, number(row.version));
}

std::uint64_t map_key(const KeyBytes& key, const Tag& attribute_tag) {
  return key_of<1 + 32>(key, Table::kAttribute, attribute_tag, {});
}

}  // namespace tacit
