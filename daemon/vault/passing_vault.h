// A vault file that is not the vault: opened to be read, filled or checked before it is. Used by
// the files of the room alone.
#pragma once
#include <memory>
#include <string>

#include "daemon/vault/anchor.h"
#include "daemon/vault/vault_core.h"

namespace tacit {

/// The members are in the order in which they may come and go.
struct PassingVault {
  std::unique_ptr<LockedVault::Impl> file;
  std::unique_ptr<Vault> vault;

  Vault::Core& core() const { return Vault::Core::of(*vault); }
};

/// Everything of an unlock but the anchor.
absl::StatusOr<PassingVault> open_passing(const VaultPlace& place, const Clock& clock,
                                          const std::string& path, Store::Mode mode, KeyBytes root);
/// An empty one to be filled, its writes unsynced until `close_filled`.
absl::StatusOr<PassingVault> make_passing(const VaultPlace& place, const Clock& clock,
                                          const std::string& path, const KeyBytes& root,
                                          const Header& header, std::span<const Slot> slots);
/// Closes and syncs it, opens it once more to compare every row with the sums, and gives back the
/// anchor of its state.
absl::StatusOr<AnchorBytes> close_filled(PassingVault vault);

}  // namespace tacit
