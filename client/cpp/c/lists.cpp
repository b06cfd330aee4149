// Looking into items, lists, collections and slots.
#include <iterator>

#include "client/cpp/c/handles.h"

using namespace tacit::c;  // NOLINT(google-build-using-namespace): these are its definitions

const char* tacit_item_collection(const tacit_item* item) {
  return item->metadata.collection.c_str();
}
const char* tacit_item_name(const tacit_item* item) { return item->metadata.name.c_str(); }
uint64_t tacit_item_version(const tacit_item* item) { return item->metadata.version; }
const char* tacit_item_content_type(const tacit_item* item) {
  return item->metadata.content_type.c_str();
}
int64_t tacit_item_created(const tacit_item* item) { return item->metadata.created; }
int64_t tacit_item_modified(const tacit_item* item) { return item->metadata.modified; }
int64_t tacit_item_expires(const tacit_item* item) { return item->metadata.expires; }
int tacit_item_policy(const tacit_item* item) { return static_cast<int>(item->metadata.policy); }
int tacit_item_deleted(const tacit_item* item) { return item->metadata.deleted ? 1 : 0; }
uint64_t tacit_item_value_size(const tacit_item* item) {
  return item->value ? item->value->size() : item->metadata.value_size;
}

size_t tacit_item_attribute_count(const tacit_item* item) {
  return item->metadata.attributes.size();
}
const char* tacit_item_attribute_key(const tacit_item* item, size_t index) {
  const auto& all = item->metadata.attributes;
  if (index >= all.size()) return nullptr;
  return std::next(all.begin(), static_cast<std::ptrdiff_t>(index))->first.c_str();
}
const char* tacit_item_attribute_value(const tacit_item* item, size_t index) {
  const auto& all = item->metadata.attributes;
  if (index >= all.size()) return nullptr;
  return std::next(all.begin(), static_cast<std::ptrdiff_t>(index))->second.c_str();
}
const char* tacit_item_attribute(const tacit_item* item, const char* key) {
  for (const auto& [name, value] : item->metadata.attributes) {
    if (name == text(key)) return value.c_str();
  }
  return nullptr;
}
const void* tacit_item_value(const tacit_item* item) {
  return item->value ? data_of(*item->value) : nullptr;
}
void tacit_item_free(tacit_item* item) { delete item; }

size_t tacit_items_count(const tacit_items* items) { return items->items.size(); }
const tacit_item* tacit_items_at(const tacit_items* items, size_t index) {
  return index < items->items.size() ? &items->items[index] : nullptr;
}
void tacit_items_free(tacit_items* items) { delete items; }

tacit_error* tacit_list_collections(tacit_client* client, tacit_collections** out) {
  *out = nullptr;
  return guarded([&] { return hand_over(client->get().collections(), out); });
}
size_t tacit_collections_count(const tacit_collections* collections) {
  return collections->collections.size();
}
const char* tacit_collections_name(const tacit_collections* collections, size_t index) {
  const auto& all = collections->collections;
  return index < all.size() ? all[index].name.c_str() : nullptr;
}
uint64_t tacit_collections_items(const tacit_collections* collections, size_t index) {
  const auto& all = collections->collections;
  return index < all.size() ? all[index].item_count : 0;
}
void tacit_collections_free(tacit_collections* collections) { delete collections; }

namespace {

/// Zeros beyond the last.
tacit::Slot slot_at(const tacit_slots* slots, size_t position) {
  return position < slots->slots.size() ? slots->slots[position]
                                        : tacit::Slot{0, tacit::SlotKind{}, 0, 0, 0};
}

}  // namespace

size_t tacit_slots_count(const tacit_slots* slots) { return slots->slots.size(); }
uint32_t tacit_slots_index(const tacit_slots* slots, size_t position) {
  return slot_at(slots, position).index;
}
int tacit_slots_kind(const tacit_slots* slots, size_t position) {
  return static_cast<int>(slot_at(slots, position).kind);
}
int64_t tacit_slots_created(const tacit_slots* slots, size_t position) {
  return slot_at(slots, position).created;
}
uint64_t tacit_slots_kdf_memory(const tacit_slots* slots, size_t position) {
  return slot_at(slots, position).kdf_memory_bytes;
}
uint32_t tacit_slots_kdf_passes(const tacit_slots* slots, size_t position) {
  return slot_at(slots, position).kdf_passes;
}
void tacit_slots_free(tacit_slots* slots) { delete slots; }
