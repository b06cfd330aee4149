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
  const auto anchor = tacit::decode_anchor(signed_bytes, key);
  if (!anchor) return 0;
  require(size == tacit::kAnchorBytes);
  require(!anchor->entries.empty() && anchor->entries.size() <= tacit::kAnchorEntries);
  tacit::StateData state;
  state.epoch = anchor->entries.front().epoch;
  state.lineage = anchor->entries.front().lineage;
  require(tacit::judge_anchor(*anchor, anchor->vault_id, state, anchor->entries.front().digest) ==
          tacit::AnchorVerdict::kFits);
  return 0;
}
