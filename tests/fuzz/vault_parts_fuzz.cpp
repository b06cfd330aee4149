// The vault's small layouts, of any bytes: header, slot, ring, recovery key. What is accepted
// encodes to the very bytes it came from.
#include <cstdint>
#include <cstdlib>

#include "daemon/vault/header.h"
#include "daemon/vault/recovery_key.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/state.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const tacit::Bytes rest(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0: {
      const auto slot = tacit::decode_slot(data[0] / 5, rest);
      if (slot) require(tacit::same_bytes(tacit::encode_slot(*slot), rest));
      break;
    }
    case 1: {
      const auto header = tacit::decode_header(rest);
      if (header) require(tacit::same_bytes(tacit::encode_header(*header), rest));
      break;
    }
    case 2: {
      const auto key = tacit::parse_recovery_key(rest);
      if (!key) break;
      require(key->size() == tacit::kRecoveryKeyBytes);
      const tacit::SecretBytes text =
          tacit::recovery_key_text(key->bytes().first<tacit::kRecoveryKeyBytes>());
      require(tacit::parse_recovery_key(text.bytes()).has_value());
      break;
    }
    case 3: {
      // Sealed here, so that the bytes get past the seal.
      static const tacit::KeyBytes key = tacit::KeyBytes::zero();
      const tacit::VaultId vault{};
      std::array<unsigned char, 32> aad{};
      const auto label = std::string_view("tacit-v1 ring");
      std::copy(label.begin(), label.end(), aad.begin());
      const auto ring = tacit::open_ring(tacit::seal_box(key, aad, rest), key, vault);
      if (ring) require(!ring->entries.empty() && ring->entries.size() <= tacit::kMaxTerms);
      break;
    }
    default: {
      const auto state = tacit::decode_state(rest);
      if (state) require(state->anchors.size() <= tacit::kRememberedAnchors);
      break;
    }
  }
  return 0;
}
