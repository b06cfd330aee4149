// The anchor: a small file beside the user's state that says how far the vault had come, so
// that an old vault file put back is noticed (FORMAT.md, "Anchor").
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/vault/slot.h"  // VaultId
#include "daemon/vault/state.h"

namespace tacit {

struct AnchorEntry {
  Lineage lineage{};
  std::uint64_t epoch = 0;
  Digest digest{};  ///< of the state at that epoch
};

struct Anchor {
  VaultId vault_id{};
  std::vector<AnchorEntry> entries;  ///< one; two while a file is being replaced (old, next)
};

inline constexpr std::size_t kAnchorEntries = 2;
inline constexpr std::size_t kAnchorBytes = 8 + 2 + 16 + 1 + kAnchorEntries * (16 + 8 + 32) + 32;

std::array<unsigned char, kAnchorBytes> encode_anchor(const Anchor& anchor,
                                                      const KeyBytes& anchor_key);
/// Nothing for any other length, an unknown layout or a wrong MAC.
std::optional<Anchor> decode_anchor(Bytes bytes, const KeyBytes& anchor_key);

/// What an anchor remembers of a state's bytes.
Digest state_digest(const StateBytes& state, const KeyBytes& anchor_key);

enum class AnchorVerdict {
  kFits,
  kRollback,  ///< the vault is older than its anchor
  kFork,      ///< the anchor is of a state that this vault never had
};
/// `digest` is that of `state`. One entry that fits is enough.
AnchorVerdict judge_anchor(const Anchor& anchor, const VaultId& vault_id, const StateData& state,
                           const Digest& digest);

}  // namespace tacit
