#include "daemon/vault/anchor.h"

#include <algorithm>

#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::array<unsigned char, 8> kMagic{'T', 'A', 'C', 'I', 'T', 'A', 'N', 'C'};
constexpr std::uint16_t kLayout = 1;
constexpr std::size_t kBodyBytes = kAnchorBytes - 32;

}  // namespace

std::array<unsigned char, kAnchorBytes> encode_anchor(const Anchor& anchor,
                                                      const KeyBytes& anchor_key) {
  std::array<unsigned char, kAnchorBytes> bytes{};
  FieldWriter out(bytes);
  out.raw(kMagic);
  out.u16(kLayout);
  out.raw(anchor.vault_id);
  out.u8(static_cast<std::uint8_t>(anchor.entries.size()));
  for (const AnchorEntry& entry : anchor.entries) {
    out.raw(entry.lineage);
    out.u64(entry.epoch);
    out.raw(entry.digest);
  }
  const std::span<unsigned char> all(bytes);
  const Tag mac = keyed_tag(anchor_key, {bytes_of("anchor"), all.first(kBodyBytes)});
  std::copy(mac.begin(), mac.end(), all.subspan(kBodyBytes).begin());
  return bytes;
}

std::optional<Anchor> decode_anchor(Bytes bytes, const KeyBytes& anchor_key) {
  if (bytes.size() != kAnchorBytes) return std::nullopt;
  const Tag mac = keyed_tag(anchor_key, {bytes_of("anchor"), bytes.first(kBodyBytes)});
  if (!same_bytes(mac, bytes.subspan(kBodyBytes))) return std::nullopt;
  FieldReader in(bytes.first(kBodyBytes));
  std::array<unsigned char, 8> magic{};
  in.array(magic);
  const std::uint16_t layout = in.u16();
  Anchor anchor;
  in.array(anchor.vault_id);
  const std::size_t count = in.u8();
  if (magic != kMagic || layout != kLayout || count < 1 || count > kAnchorEntries) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < count; ++i) {
    AnchorEntry entry;
    in.array(entry.lineage);
    entry.epoch = in.u64();
    in.array(entry.digest);
    anchor.entries.push_back(entry);
  }
  return anchor;
}

Digest state_digest(const StateBytes& state, const KeyBytes& anchor_key) {
  return keyed_tag(anchor_key, {bytes_of("state"), state});
}

AnchorVerdict judge_anchor(const Anchor& anchor, const VaultId& vault_id, const StateData& state,
                           const Digest& digest) {
  if (anchor.vault_id != vault_id) return AnchorVerdict::kFork;
  bool ahead = false;
  for (const AnchorEntry& entry : anchor.entries) {
    if (entry.lineage == state.lineage && entry.epoch == state.epoch && entry.digest == digest) {
      return AnchorVerdict::kFits;
    }
    const bool remembered =
        std::any_of(state.anchors.begin(), state.anchors.end(), [&](const RememberedAnchor& past) {
          return past.epoch == entry.epoch && past.digest == entry.digest;
        });
    if (remembered) return AnchorVerdict::kFits;
    if (entry.lineage == state.lineage && entry.epoch > state.epoch) ahead = true;
  }
  return ahead ? AnchorVerdict::kRollback : AnchorVerdict::kFork;
}

}  // namespace tacit
