// An anchor of any bytes is refused unless its MAC is right; one whose MAC is made right here is
// parsed, and judged without harm.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "daemon/vault/anchor.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tacit::KeyBytes key = tacit::KeyBytes::zero();
  const tacit::Bytes bytes(data, size);
  tacit::decode_anchor(bytes, key);
  if (size < 32) return 0;
  std::vector<unsigned char> signed_bytes(bytes.begin(), bytes.end());
  const std::span<unsigned char> all(signed_bytes);
  const tacit::Tag mac = tacit::keyed_tag(key, {tacit::bytes_of("anchor"), all.first(size - 32)});
  std::copy(mac.begin(), mac.end(), all.last(32).begin());
  for (const tacit::Anchor& each : tacit::decode_anchors(bytes, key)) {
    require(tacit::encode_anchor(each, key).size() == tacit::kAnchorBytes);
  }
  const auto anchor = tacit::decode_anchor(signed_bytes, key);
  if (!anchor) return 0;
  require(size == tacit::kAnchorBytes);
  tacit::StateData state;
  state.epoch = anchor->epoch;
  state.lineage = anchor->lineage;
  require(tacit::judge_anchors({&*anchor, 1}, anchor->vault_id, state, anchor->digest) ==
          tacit::AnchorVerdict::kFits);
  return 0;
}
