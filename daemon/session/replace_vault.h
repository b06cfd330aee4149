// Putting another vault in the present one's place, start to end, on the worker thread.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/session/open_vault.h"
#include "daemon/vault/replacement.h"

namespace tacit {

/// What opens the vault from now on.
struct FreshKeys {
  Replacement::NewKeys keys;
  SecretBytes recovery_key;  ///< text; empty if none was asked for
};
/// A new root key that each of the credentials opens, with the slots for it. Slow. Errors: those of
/// `prepare_slot`.
absl::StatusOr<FreshKeys> make_fresh_keys(const VaultId& vault_id,
                                          std::span<const Credential> credentials,
                                          bool with_recovery_key, const KdfParams& cost,
                                          std::int64_t now_unix_ms);

/// What `copy` holds, under new keys, becomes the vault and is opened. `copy` is removed.
OpenedVault replace_keys(const LockedVault::Seat& seat, const std::string& copy,
                         const KeyBytes& root, const Replacement::NewKeys& keys,
                         const Steps& steps);

/// What a backup's file is sealed under, if the credential opens it. Slow. Nothing is changed.
/// Errors: kNotAVault, kVaultDamaged, kVaultTooNew; those of `open_slot`.
absl::StatusOr<KeyBytes> root_of_backup(const std::string& backup, const Credential& credential);

/// A backup under `root`, which `credential` gave, becomes the vault and is opened. Where this
/// machine knows a vault with other keys, `current`, or without it `credential`, must open that
/// one: else kFork, or kWrongCredential if `current` was given. `present`: the locked vault if it
/// opens; it is given back if nothing came of it.
struct Restored {
  OpenedVault opened;
  std::unique_ptr<LockedVault> present;
};
Restored restore_vault(const VaultPlace& place, const Clock& clock,
                       std::unique_ptr<LockedVault> present, const std::string& backup,
                       const KeyBytes& root, const Credential& credential,
                       const std::optional<Credential>& current, const Steps& steps);

/// What the vault still holds becomes the vault and is opened.
OpenedVault salvage_vault(const VaultPlace& place, const Clock& clock,
                          std::unique_ptr<LockedVault> present, const Credential& credential,
                          const Tightening& tightening, Salvage& report, const Steps& steps);

}  // namespace tacit
