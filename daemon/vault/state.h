// The whole-vault state: what the rows must add up to (FORMAT.md, "State").
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/crypto/tag.h"

namespace tacit {

using Lineage = std::array<unsigned char, 16>;
using Digest = std::array<unsigned char, 32>;

/// The tables whose rows are summed. The numbers are those of the disk.
enum class Table : std::uint8_t {
  kName = 1,
  kItem = 2,
  kAttribute = 3,
  kCollection = 4,
  kPolicy = 5,
  kSlot = 6,
};
inline constexpr std::size_t kTables = 6;

/// A multiset hash of rows (MSet-Add-Hash; Clarke et al., ASIACRYPT 2003): the sum of each row's
/// BLAKE2b-512 under K_set, in 8 lanes of 64 bits, and the number of rows.
struct RowSum {
  std::uint64_t count = 0;
  std::array<std::uint64_t, 8> lanes{};

  void add(const WideTag& row) noexcept;
  void subtract(const WideTag& row) noexcept;
  bool operator==(const RowSum&) const = default;
};

/// A past state that an anchor told of.
struct RememberedAnchor {
  std::uint64_t epoch = 0;
  Digest digest{};
};

/// The audit chain's ends: records [first, next) are there; `base` is the chain's value before
/// `first`, `head` after the last.
struct AuditChain {
  std::uint64_t first = 1;
  std::uint64_t next = 1;
  Digest base{};
  Digest head{};
};

struct StateData {
  std::uint64_t epoch = 0;  ///< grows by one with each transaction
  Lineage lineage{};        ///< random; new when a rollback is accepted
  std::array<RowSum, kTables> sums{};
  Digest header_mac{};
  AuditChain audit;
  std::vector<RememberedAnchor> anchors;  ///< oldest first, at most kRememberedAnchors

  RowSum& sum(Table table) { return sums[static_cast<std::size_t>(table) - 1]; }
  const RowSum& sum(Table table) const { return sums[static_cast<std::size_t>(table) - 1]; }
  /// Forgets the oldest when full.
  void remember(const RememberedAnchor& anchor);
};

inline constexpr std::size_t kRememberedAnchors = 64;
inline constexpr std::size_t kStateBytes =
    2 + 8 + 16 + kTables * (8 + 64) + 32 + (8 + 8 + 32 + 32) + 2 + kRememberedAnchors * (8 + 32);
using StateBytes = std::array<unsigned char, kStateBytes>;

/// Always the same length, so that it tells nothing.
StateBytes encode_state(const StateData& state);
std::optional<StateData> decode_state(Bytes bytes);

}  // namespace tacit
