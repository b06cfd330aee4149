// A map in RAM from row key to fingerprint: what every row on disk must be, in 12 bytes a row.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace tacit {

/// u64 key -> u32. Keys must be hashes nobody else can choose (keyed); two rows share one with
/// probability n^2 / 2^65. 64 shards grow apart, by a fifth, so that growth neither doubles the
/// memory for a moment nor stops the thread for long.
class RowMap {
 public:
  std::optional<std::uint32_t> find(std::uint64_t key) const noexcept;
  /// Inserts or replaces. Throws std::bad_alloc.
  void put(std::uint64_t key, std::uint32_t value);
  void erase(std::uint64_t key) noexcept;
  /// Room for `count` keys in all, so that loading them does not grow step by step.
  void reserve(std::size_t count);
  std::size_t size() const noexcept;
  std::size_t memory_bytes() const noexcept;

 private:
  static constexpr std::size_t kShards = 64;
  struct Shard {
    std::unique_ptr<std::uint64_t[]> keys;  ///< 0: free
    std::unique_ptr<std::uint32_t[]> values;
    std::size_t capacity = 0;
    std::size_t used = 0;

    std::size_t home(std::uint64_t key) const noexcept;
    /// Where `key` is, or where it would go.
    std::size_t slot(std::uint64_t key) const noexcept;
    void grow(std::size_t capacity);
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace tacit
