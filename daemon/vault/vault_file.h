// The vault's file as the rest of the room opens and makes it. Used by the files of the room alone.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "daemon/vault/vault_core.h"

namespace tacit {

/// What CURRENT and the folder say together.
enum class Presence { kNone, kInterruptedCreation, kThere };
struct Sighting {
  Presence presence = Presence::kNone;
  std::string name;
};
/// kVaultDamaged, saying what to do: they contradict each other.
absl::StatusOr<Sighting> look(const std::string& folder);
absl::Status missing_beside_anchor(const VaultPlace& place);

/// Opens the file, or of a read-only place a copy, and reads what is in clear.
absl::Status open_file(LockedVault::Impl& impl, const std::string& name, bool read_only);
/// Header and slots; nothing of them is authenticated yet.
absl::Status read_clear_part(LockedVault::Impl& impl);
/// All of an unlock but the anchor: header, state and every row against the sums.
absl::StatusOr<std::unique_ptr<Vault::Core>> open_core(LockedVault::Impl& impl, KeyBytes root);

/// What the first transaction of a vault wrote.
struct FirstRows {
  StateData state;
  StateBytes state_plain{};
};
/// An empty vault at `path`, which must not exist: closed and synced.
absl::StatusOr<FirstRows> make_database(const std::string& path, const KeyBytes& root,
                                        const Header& header, std::span<const Slot> slots);
/// All that was committed in the one file, and that on the disk.
absl::Status close_synced(std::unique_ptr<Store> store);

}  // namespace tacit
