// From a credential to the key-encryption key (KEK) of a slot: Argon2id (RFC 9106) for what a
// person remembers, BLAKE2b (RFC 7693) for what is random already; both by libsodium.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/crypto/keys.h"

namespace tacit {

inline constexpr std::uint64_t kMinKdfMemory = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kMaxKdfMemory = std::uint64_t{2} << 30;
inline constexpr std::uint32_t kMinKdfPasses = 1;
inline constexpr std::uint32_t kMinNewKdfPasses = 3;
inline constexpr std::uint32_t kMaxKdfPasses = 64;

/// Cost and salt of one derivation. Kept in clear in the vault's header, so that a vault made
/// at an older cost still opens.
struct KdfParams {
  std::array<unsigned char, 16> salt{};                   ///< random, new with each passphrase
  std::uint64_t memory_bytes = std::uint64_t{256} << 20;  ///< RAM to fill: 64 MiB to 2 GiB
  std::uint32_t passes = 3;                               ///< sweeps over that RAM: 1 to 64
};

/// What a slot needs: the key that wraps, and a public value that only this key's credential
/// gives. The AEAD alone does not commit to its key (Len et al., "Partitioning Oracle Attacks").
struct SlotKey {
  KeyBytes kek;
  std::array<unsigned char, 32> commitment{};
};

/// Whether a stored cost may be tried at all. Errors: kVaultDamaged, a cost out of range or
/// memory that is no multiple of 1 KiB (a damaged or hostile header).
absl::Status check_stored_cost(const KdfParams& params);
/// Whether a new slot may have this cost. Errors: kInvalidArgument.
absl::Status check_new_cost(const KdfParams& params);

/// Argon2id, one lane, 64 bytes out. Slow by design (about half a second): never on the vault
/// thread, one at a time in the process.
/// Errors: those of `check_stored_cost`; kLimit, the RAM was not to be had.
absl::StatusOr<SlotKey> derive_from_passphrase(Bytes passphrase, const KdfParams& params);

/// BLAKE2b-512 of a secret of at least 256 random bits, under the salt and a `personal` of 16
/// characters that names the kind of secret. Quick.
SlotKey derive_from_random(Bytes secret, const std::array<unsigned char, 16>& salt,
                           std::string_view personal);

}  // namespace tacit
