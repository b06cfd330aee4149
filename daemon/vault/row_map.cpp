#include "daemon/vault/row_map.h"

#include <algorithm>

namespace tacit {
namespace {

constexpr std::size_t kLeastCapacity = 16;

/// The key itself, but never the mark of a free place.
std::uint64_t stored(std::uint64_t key) { return key == 0 ? 1 : key; }

std::size_t shard_of(std::uint64_t key) { return static_cast<std::size_t>(key & 63); }

/// At most nine tenths full.
bool is_full(std::size_t used, std::size_t capacity) { return used * 10 >= capacity * 9; }

}  // namespace

std::size_t RowMap::Shard::home(std::uint64_t key) const noexcept {
  // Lemire's range reduction: any capacity, not only powers of two.
  return static_cast<std::size_t>((key >> 32) * capacity >> 32);
}

std::size_t RowMap::Shard::slot(std::uint64_t key) const noexcept {
  std::size_t at = home(key);
  while (keys[at] != 0 && keys[at] != key) at = at + 1 == capacity ? 0 : at + 1;
  return at;
}

void RowMap::Shard::grow(std::size_t new_capacity) {
  Shard larger;
  larger.keys = std::make_unique<std::uint64_t[]>(new_capacity);
  larger.values = std::make_unique<std::uint32_t[]>(new_capacity);
  larger.capacity = new_capacity;
  larger.used = used;
  for (std::size_t i = 0; i < capacity; ++i) {
    if (keys[i] == 0) continue;
    const std::size_t at = larger.slot(keys[i]);
    larger.keys[at] = keys[i];
    larger.values[at] = values[i];
  }
  *this = std::move(larger);
}

std::optional<std::uint32_t> RowMap::find(std::uint64_t key) const noexcept {
  key = stored(key);
  const Shard& shard = shards_[shard_of(key)];
  if (shard.capacity == 0) return std::nullopt;
  const std::size_t at = shard.slot(key);
  if (shard.keys[at] == 0) return std::nullopt;
  return shard.values[at];
}

void RowMap::put(std::uint64_t key, std::uint32_t value) {
  key = stored(key);
  Shard& shard = shards_[shard_of(key)];
  if (is_full(shard.used + 1, shard.capacity)) {
    shard.grow(std::max(kLeastCapacity, shard.capacity + shard.capacity / 5));
  }
  const std::size_t at = shard.slot(key);
  if (shard.keys[at] == 0) {
    shard.keys[at] = key;
    ++shard.used;
  }
  shard.values[at] = value;
}

void RowMap::erase(std::uint64_t key) noexcept {
  key = stored(key);
  Shard& shard = shards_[shard_of(key)];
  if (shard.capacity == 0) return;
  std::size_t hole = shard.slot(key);
  if (shard.keys[hole] == 0) return;
  --shard.used;
  // Close the gap (Knuth, 6.4, algorithm R): move back what its home allows.
  std::size_t at = hole;
  for (;;) {
    at = at + 1 == shard.capacity ? 0 : at + 1;
    if (shard.keys[at] == 0) break;
    const std::size_t home = shard.home(shard.keys[at]);
    const bool stays = hole <= at ? (hole < home && home <= at) : (hole < home || home <= at);
    if (stays) continue;
    shard.keys[hole] = shard.keys[at];
    shard.values[hole] = shard.values[at];
    hole = at;
  }
  shard.keys[hole] = 0;
}

void RowMap::reserve(std::size_t count) {
  // A shard's share varies by a few standard deviations, sqrt(count / kShards) each.
  const std::size_t share = count / kShards;
  std::size_t spread = 16;
  while (spread * spread < 16 * share) spread += 16;
  const std::size_t capacity = (share + spread) * 8 / 7 + kLeastCapacity;
  for (Shard& shard : shards_) {
    if (shard.capacity < capacity) shard.grow(capacity);
  }
}

std::size_t RowMap::size() const noexcept {
  std::size_t total = 0;
  for (const Shard& shard : shards_) total += shard.used;
  return total;
}

std::size_t RowMap::memory_bytes() const noexcept {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    total += shard.capacity * (sizeof(std::uint64_t) + sizeof(std::uint32_t));
  }
  return total;
}

}  // namespace tacit
