// Making and opening a vault, start to end, on the worker thread.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// A vault's file, and the vault if it opened.
struct OpenedVault {
  std::unique_ptr<LockedVault> file;
  absl::StatusOr<std::unique_ptr<Vault>> vault;
};

/// Derives and unlocks. Slow. Errors in `vault`: those of `open_slot` and LockedVault::unlock.
OpenedVault open_vault(std::unique_ptr<LockedVault> file, const Credential& credential);

struct CreatedVault {
  OpenedVault opened;
  SecretBytes recovery_key;  ///< text; empty if none was asked for
};

/// Makes a vault that each of the credentials opens. Slow. Errors: those of `prepare_slot` and
/// LockedVault::create.
absl::StatusOr<CreatedVault> create_vault(const VaultPlace& place, const Clock& clock,
                                          std::span<const Credential> credentials,
                                          bool with_recovery_key, const KdfParams& cost);

}  // namespace tacit
