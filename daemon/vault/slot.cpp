#include "daemon/vault/slot.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "daemon/base/status.h"
#include "daemon/crypto/aead.h"
#include "daemon/crypto/tag.h"
#include "daemon/vault/recovery_key.h"
#include "daemon/vault/slot_codec.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxPassphraseBytes = 4096;
constexpr std::size_t kMinKeyFileBytes = 32;
constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;
constexpr std::string_view kRecoveryPersonal = "tacit-v1-recover";
constexpr std::string_view kKeyFilePersonal = "tacit-v1-keyfile";

absl::Status check_credential(const Credential& credential) {
  const std::size_t size = credential.secret.size();
  switch (credential.kind) {
    case SlotKind::kPassphrase:
      if (size >= 1 && size <= kMaxPassphraseBytes) return absl::OkStatus();
      return make_error(Reason::kInvalidArgument, "a passphrase has 1 to 4,096 bytes");
    case SlotKind::kRecoveryKey:
      if (parse_recovery_key(credential.secret.bytes())) return absl::OkStatus();
      return make_error(Reason::kInvalidArgument,
                        "this is not a recovery key: 14 groups of four letters and digits; one of "
                        "them is mistyped or missing");
    case SlotKind::kKeyFile:
      if (size >= kMinKeyFileBytes && size <= kMaxKeyFileBytes) return absl::OkStatus();
      return make_error(Reason::kInvalidArgument,
                        "a key file holds 32 bytes to 64 KiB of random data (for instance from "
                        "/dev/urandom)");
  }
  return make_error(Reason::kInvalidArgument, "unknown kind of credential");
}

/// `credential` has passed `check_credential`.
absl::StatusOr<SlotKey> derive(const Credential& credential, const KdfParams& kdf) {
  switch (credential.kind) {
    case SlotKind::kPassphrase:
      return derive_from_passphrase(credential.secret.bytes(), kdf);
    case SlotKind::kRecoveryKey:
      return derive_from_random(parse_recovery_key(credential.secret.bytes())->bytes(), kdf.salt,
                                kRecoveryPersonal);
    case SlotKind::kKeyFile:
      return derive_from_random(credential.secret.bytes(), kdf.salt, kKeyFilePersonal);
  }
  return make_error(Reason::kInvalidArgument, "unknown kind of credential");
}

absl::Status wrong_credential(SlotKind kind) {
  switch (kind) {
    case SlotKind::kPassphrase:
      return make_error(Reason::kWrongCredential,
                        "wrong passphrase; try again, or give the recovery key instead");
    case SlotKind::kRecoveryKey:
      return make_error(Reason::kWrongCredential,
                        "no slot of this vault opens with that recovery "
                        "key; check each group of four");
    case SlotKind::kKeyFile:
      return make_error(
          Reason::kWrongCredential,
          "no slot of this vault opens with that key file; try another credential, or, "
          "if it is the right one, restore a backup: a damaged slot looks the same");
  }
  return make_error(Reason::kWrongCredential, "no slot of this vault opens with that");
}

}  // namespace

absl::StatusOr<Slot> prepare_slot(const Credential& credential, const KeyBytes& root,
                                  const VaultId& vault_id, const KdfParams& kdf,
                                  std::int64_t now_unix_ms) {
  if (absl::Status status = check_credential(credential); !status.ok()) return status;
  Slot slot;
  slot.kind = credential.kind;
  slot.created = now_unix_ms;
  if (credential.kind == SlotKind::kPassphrase) {
    if (absl::Status status = check_new_cost(kdf); !status.ok()) return status;
    slot.kdf.memory_bytes = kdf.memory_bytes;
    slot.kdf.passes = kdf.passes;
  } else {
    slot.kdf.memory_bytes = 0;
    slot.kdf.passes = 0;
  }
  // Never the caller's salt: a salt that comes back gives the same key for the same passphrase.
  random_bytes(slot.kdf.salt);
  absl::StatusOr<SlotKey> key = derive(credential, slot.kdf);
  if (!key.ok()) return key.status();
  slot.commitment = key->commitment;
  slot.nonce = random_nonce();
  const std::span<unsigned char> wrapped(slot.wrapped);
  const Mac mac = seal(key->kek, slot.nonce, slot_aad(slot, vault_id), root.bytes(),
                       wrapped.first(KeyBytes::kSize));
  std::copy(mac.begin(), mac.end(), wrapped.begin() + KeyBytes::kSize);
  return slot;
}

absl::StatusOr<OpenedSlot> open_slot(const Credential& credential, std::span<const Slot> slots,
                                     const VaultId& vault_id) {
  if (!check_credential(credential).ok()) {
    if (credential.kind != SlotKind::kRecoveryKey) return wrong_credential(credential.kind);
    return make_error(Reason::kWrongCredential,
                      "this is not a recovery key: 14 groups of four letters and digits; one of "
                      "them is mistyped or missing");
  }
  // A hostile cost is refused before any work is done for it, or for the slots beside it.
  if (credential.kind == SlotKind::kPassphrase) {
    for (const Slot& slot : slots) {
      if (slot.kind != credential.kind) continue;
      if (absl::Status status = check_stored_cost(slot.kdf); !status.ok()) return status;
    }
  }
  for (const Slot& slot : slots) {
    if (slot.kind != credential.kind) continue;
    absl::StatusOr<SlotKey> key = derive(credential, slot.kdf);
    if (!key.ok()) return key.status();
    if (!same_bytes(key->commitment, slot.commitment)) continue;
    OpenedSlot opened{slot.index, KeyBytes::zero()};
    const Bytes wrapped(slot.wrapped);
    Mac mac;
    std::copy(wrapped.begin() + KeyBytes::kSize, wrapped.end(), mac.begin());
    if (!open(key->kek, slot.nonce, slot_aad(slot, vault_id), wrapped.first(KeyBytes::kSize), mac,
              opened.root.writable())) {
      return make_error(Reason::kVaultDamaged,
                        "slot " + std::to_string(slot.index) +
                            " of the vault was changed since it was made; unlock with another "
                            "credential or restore a backup");
    }
    return opened;
  }
  return wrong_credential(credential.kind);
}

SecretBytes generate_recovery_key() {
  KeyBytes key = KeyBytes::random();
  return recovery_key_text(key.bytes());
}

KdfParams calibrate_kdf() {
  using Seconds = std::chrono::duration<double>;
  constexpr double kLeastSeconds = 0.5;
  constexpr double kMostSeconds = 1.0;
  KdfParams params;
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_size > 0) {
    const std::uint64_t quarter =
        static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size) / 4;
    while (params.memory_bytes > kMinKdfMemory && params.memory_bytes > quarter) {
      params.memory_bytes /= 2;
    }
  }
  static constexpr std::array<unsigned char, 10> kSample{'c', 'a', 'l', 'i', 'b',
                                                         'r', 'a', 't', 'e', '!'};
  for (;;) {
    const auto start = std::chrono::steady_clock::now();
    const bool derived = derive_from_passphrase(kSample, params).ok();
    const double took = Seconds(std::chrono::steady_clock::now() - start).count();
    if ((!derived || took > kMostSeconds) && params.memory_bytes > kMinKdfMemory) {
      params.memory_bytes /= 2;
      continue;
    }
    if (derived && took < kLeastSeconds) {
      const double passes = std::ceil(params.passes * kLeastSeconds / std::max(took, 1e-3));
      params.passes = static_cast<std::uint32_t>(
          std::clamp(passes, double{kMinNewKdfPasses}, double{kMaxKdfPasses}));
    }
    return params;
  }
}

}  // namespace tacit
