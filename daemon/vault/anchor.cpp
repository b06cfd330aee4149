#include "daemon/vault/anchor.h"

#include <algorithm>

#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::array<unsigned char, 8> kMagic{'T', 'A', 'C', 'I', 'T', 'A', 'N', 'C'};
constexpr std::uint16_t kLayout = 1;
constexpr std::uint8_t kEntries = 1;  ///< there is room for a second
constexpr std::size_t kBodyBytes = kAnchorBytes - 32;

bool whole_anchors(Bytes file) {
  return file.size() % kAnchorBytes == 0 && file.size() <= kMostAnchors * kAnchorBytes;
}

}  // namespace

AnchorBytes encode_anchor(const Anchor& anchor, const KeyBytes& anchor_key) {
  AnchorBytes bytes{};
  FieldWriter out(bytes);
  out.raw(kMagic);
  out.u16(kLayout);
  out.raw(anchor.vault_id);
  out.u8(kEntries);
  out.raw(anchor.lineage);
  out.u64(anchor.epoch);
  out.raw(anchor.digest);
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
  const std::size_t entries = in.u8();
  if (magic != kMagic || layout != kLayout || entries != kEntries) return std::nullopt;
  in.array(anchor.lineage);
  anchor.epoch = in.u64();
  in.array(anchor.digest);
  return anchor;
}

std::vector<Anchor> decode_anchors(Bytes file, const KeyBytes& anchor_key) {
  std::vector<Anchor> out;
  if (!whole_anchors(file)) return out;
  for (; !file.empty(); file = file.subspan(kAnchorBytes)) {
    if (const auto anchor = decode_anchor(file.first(kAnchorBytes), anchor_key)) {
      out.push_back(*anchor);
    }
  }
  return out;
}

std::vector<unsigned char> with_next_anchor(Bytes file, Bytes next) {
  if (!whole_anchors(file)) file = {};
  if (file.size() == kMostAnchors * kAnchorBytes) file = file.subspan(kAnchorBytes);
  std::vector<unsigned char> out(file.begin(), file.end());
  out.insert(out.end(), next.begin(), next.end());
  return out;
}

Digest state_digest(const StateBytes& state, const KeyBytes& anchor_key) {
  return keyed_tag(anchor_key, {bytes_of("state"), state});
}

AnchorVerdict judge_anchors(std::span<const Anchor> anchors, const VaultId& vault_id,
                            const StateData& state, const Digest& digest) {
  bool ahead = false;
  for (const Anchor& anchor : anchors) {
    if (anchor.vault_id != vault_id) continue;
    if (anchor.lineage == state.lineage && anchor.epoch == state.epoch && anchor.digest == digest) {
      return AnchorVerdict::kFits;
    }
    const bool remembered =
        std::any_of(state.anchors.begin(), state.anchors.end(), [&](const RememberedAnchor& past) {
          return past.epoch == anchor.epoch && past.digest == anchor.digest;
        });
    if (remembered) return AnchorVerdict::kFits;
    if (anchor.lineage == state.lineage && anchor.epoch > state.epoch) ahead = true;
  }
  return ahead ? AnchorVerdict::kRollback : AnchorVerdict::kFork;
}

}  // namespace tacit
