#include "daemon/vault/passing_vault.h"

#include <utility>

#include "daemon/vault/vault_file.h"

namespace tacit {

absl::StatusOr<PassingVault> open_passing(const VaultPlace& place, const Clock& clock,
                                          const std::string& path, Store::Mode mode,
                                          KeyBytes root) {
  PassingVault out;
  out.file = std::make_unique<LockedVault::Impl>();
  out.file->place = place;
  out.file->clock = clock;
  absl::StatusOr<std::unique_ptr<Store>> store = Store::open(path, mode);
  if (!store.ok()) return store.status();
  out.file->store = *std::move(store);
  absl::StatusOr<std::unique_ptr<Vault::Core>> core = open_core(*out.file, std::move(root));
  if (!core.ok()) return core.status();
  out.vault = Vault::Core::serve(*std::move(core));
  return out;
}

absl::StatusOr<PassingVault> make_passing(const VaultPlace& place, const Clock& clock,
                                          const std::string& path, const KeyBytes& root,
                                          const Header& header, std::span<const Slot> slots) {
  if (auto made = make_database(path, root, header, slots); !made.ok()) return made.status();
  absl::StatusOr<PassingVault> out =
      open_passing(place, clock, path, Store::Mode::kOwn, root.clone());
  if (!out.ok()) return out;
  // Until it is whole nothing depends on it.
  const absl::Status unsynced =
      out->file->store->connection().run("PRAGMA synchronous=OFF", "setting up the vault file");
  if (!unsynced.ok()) return unsynced;
  return out;
}

absl::StatusOr<AnchorBytes> close_filled(PassingVault vault) {
  const VaultPlace place = vault.file->place;
  const Clock clock = vault.file->clock;
  const std::string path = vault.file->store->path();
  KeyBytes root = vault.core().root.clone();
  const StateBytes written = vault.core().committed;
  vault.vault.reset();
  if (absl::Status status = close_synced(std::move(vault.file->store)); !status.ok()) return status;
  absl::StatusOr<PassingVault> again =
      open_passing(place, clock, path, Store::Mode::kOwn, std::move(root));
  if (!again.ok()) return again.status();
  const Vault::Core& core = again->core();
  if (core.committed != written) return damaged("the new vault is not what was written");
  const KeyBytes key = subkey(core.root, Subkey::kAnchor);
  const AnchorBytes anchor = encode_anchor(
      {core.vault_id, core.state.lineage, core.state.epoch, state_digest(core.committed, key)},
      key);
  again->vault.reset();
  if (absl::Status status = close_synced(std::move(again->file->store)); !status.ok()) {
    return status;
  }
  return anchor;
}

}  // namespace tacit
