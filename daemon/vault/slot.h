// Slots: the ways to open a vault. Each wraps the root key RK under a key that one
// credential gives.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/crypto/kdf.h"  // KdfParams
#include "daemon/crypto/keys.h"
#include "tacit/secret_bytes.h"

namespace tacit {

using VaultId = std::array<unsigned char, 16>;

enum class SlotKind : std::uint8_t { kPassphrase = 1, kRecoveryKey = 2, kKeyFile = 3 };

/// As stored; every field is bound by the wrap (AAD) and by the header's MAC.
struct Slot {
  std::uint32_t index = 0;  ///< 0 to 15
  SlotKind kind = SlotKind::kPassphrase;
  std::int64_t created = 0;  ///< milliseconds since the epoch
  KdfParams kdf{};           ///< passphrase: Argon2id's cost; else only the salt counts
  std::array<unsigned char, 32> commitment{};
  std::array<unsigned char, 24> nonce{};
  std::array<unsigned char, 48> wrapped{};  ///< RK and tag
};

/// What a user shows to open a slot.
struct Credential {
  SlotKind kind = SlotKind::kPassphrase;
  SecretBytes secret;  ///< passphrase as typed, recovery key as text, or the key file's content
};

/// Makes a slot that wraps `root`. Slow for a passphrase (Argon2id): never on the vault thread.
/// The index is given when the slot is added. Errors: kInvalidArgument, kResourceExhausted.
absl::StatusOr<Slot> prepare_slot(const Credential& credential, const KeyBytes& root,
                                  const VaultId& vault_id, const KdfParams& kdf,
                                  std::int64_t now_unix_ms);

/// Tries every slot of the credential's kind. Slow for passphrases, as above.
/// Errors: kWrongCredential, kVaultDamaged (a cost outside the accepted range),
/// kResourceExhausted.
struct OpenedSlot {
  std::uint32_t index = 0;
  KeyBytes root;
};
absl::StatusOr<OpenedSlot> open_slot(const Credential& credential, std::span<const Slot> slots,
                                     const VaultId& vault_id);

/// A new random recovery key as text: 256 bits and a checksum in groups of letters and digits.
SecretBytes generate_recovery_key();

/// Argon2id's cost for this machine, measured towards 0.5 to 1 s; takes a second or two.
/// Memory may be less where the machine has little; never under the floor of 64 MiB / 3 passes.
KdfParams calibrate_kdf();

}  // namespace tacit
