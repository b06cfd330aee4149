#include "daemon/crypto/kdf.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <string>

#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::size_t kDerivedBytes = 64;

bool memory_in_range(std::uint64_t memory) {
  return memory >= kMinKdfMemory && memory <= kMaxKdfMemory && memory % 1024 == 0;
}

/// Splits and wipes what a derivation gave.
SlotKey split(std::span<unsigned char, kDerivedBytes> derived) {
  SlotKey out{KeyBytes::copy_of(std::span<const unsigned char, 32>(derived.first<32>())), {}};
  std::copy(derived.begin() + 32, derived.end(), out.commitment.begin());
  sodium_memzero(derived.data(), derived.size());
  return out;
}

}  // namespace

absl::Status check_stored_cost(const KdfParams& params) {
  if (memory_in_range(params.memory_bytes) && params.passes >= kMinKdfPasses &&
      params.passes <= kMaxKdfPasses) {
    return absl::OkStatus();
  }
  return make_error(Reason::kVaultDamaged,
                    "a slot of the vault asks for a derivation cost outside 64 MiB to 2 GiB and 1 "
                    "to 64 passes; the file was changed: restore a backup");
}

absl::Status check_new_cost(const KdfParams& params) {
  if (memory_in_range(params.memory_bytes) && params.passes >= kMinNewKdfPasses &&
      params.passes <= kMaxKdfPasses) {
    return absl::OkStatus();
  }
  return make_error(Reason::kInvalidArgument,
                    "the derivation cost must be 64 MiB to 2 GiB (a multiple of 1 KiB) and 3 to "
                    "64 passes");
}

absl::StatusOr<SlotKey> derive_from_passphrase(Bytes passphrase, const KdfParams& params) {
  static_assert(crypto_pwhash_SALTBYTES == 16);
  if (absl::Status status = check_stored_cost(params); !status.ok()) return status;
  std::array<unsigned char, kDerivedBytes> derived;
  if (crypto_pwhash(derived.data(), derived.size(),
                    reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
                    params.salt.data(), params.passes, params.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return make_error(Reason::kLimit, "not enough free memory to derive the key (" +
                                          std::to_string(params.memory_bytes >> 20) +
                                          " MiB needed); close something and try again");
  }
  return split(derived);
}

SlotKey derive_from_random(Bytes secret, const std::array<unsigned char, 16>& salt,
                           std::string_view personal) {
  static_assert(crypto_generichash_blake2b_PERSONALBYTES == 16);
  static_assert(crypto_generichash_blake2b_SALTBYTES == 16);
  assert(personal.size() == 16);
  std::array<unsigned char, kDerivedBytes> derived;
  crypto_generichash_blake2b_salt_personal(derived.data(), derived.size(), secret.data(),
                                           secret.size(), nullptr, 0, salt.data(),
                                           reinterpret_cast<const unsigned char*>(personal.data()));
  return split(derived);
}

}  // namespace tacit
