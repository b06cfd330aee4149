// The anchor: a small file beside the user's state that says how far the vault had come, so
// that an old vault file put back is noticed (FORMAT.md, "Anchor").
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/vault/slot.h"  // VaultId
#include "daemon/vault/state.h"

namespace tacit {

struct Anchor {
  VaultId vault_id{};
  Lineage lineage{};
  std::uint64_t epoch = 0;
  Digest digest{};  ///< of the state at that epoch
};

inline constexpr std::size_t kAnchorBytes = 8 + 2 + 16 + 1 + 2 * (16 + 8 + 32) + 32;
using AnchorBytes = std::array<unsigned char, kAnchorBytes>;
AnchorBytes encode_anchor(const Anchor& anchor, const KeyBytes& anchor_key);
/// Nothing for any other length, an unknown layout or a wrong MAC.
std::optional<Anchor> decode_anchor(Bytes bytes, const KeyBytes& anchor_key);

/// The anchor's file holds one, and more only while a vault file takes the place of another, which
/// may be under another key.
inline constexpr std::size_t kMostAnchors = 4;
/// Those of the file that are under this key; none for a file that is no whole number of anchors.
std::vector<Anchor> decode_anchors(Bytes file, const KeyBytes& anchor_key);
/// The file's content with `next` after what it holds, the oldest dropped where it is full or is
/// no anchor file.
std::vector<unsigned char> with_next_anchor(Bytes file, Bytes next);

/// What an anchor remembers of a state's bytes.
Digest state_digest(const StateBytes& state, const KeyBytes& anchor_key);

enum class AnchorVerdict {
  kFits,
  kRollback,  ///< the vault is older than its anchor
  kFork,      ///< the anchor is of a state that this vault never had
};
/// `digest` is that of `state`. One that fits is enough.
AnchorVerdict judge_anchors(std::span<const Anchor> anchors, const VaultId& vault_id,
                            const StateData& state, const Digest& digest);

}  // namespace tacit
