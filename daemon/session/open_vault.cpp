#include "daemon/session/open_vault.h"

#include <utility>

namespace tacit {
namespace {

OpenedVault unlock(std::unique_ptr<LockedVault> file, KeyBytes root) {
  absl::StatusOr<std::unique_ptr<Vault>> vault = file->unlock(std::move(root));
  return {std::move(file), std::move(vault)};
}

}  // namespace

OpenedVault open_vault(std::unique_ptr<LockedVault> file, const Credential& credential) {
  absl::StatusOr<OpenedSlot> slot = open_slot(credential, file->slots(), file->vault_id());
  if (!slot.ok()) return {std::move(file), slot.status()};
  return unlock(std::move(file), std::move(slot->root));
}

absl::StatusOr<CreatedVault> create_vault(const VaultPlace& place, const Clock& clock,
                                          std::span<const Credential> credentials,
                                          bool with_recovery_key, const KdfParams& cost) {
  KeyBytes root = KeyBytes::random();
  VaultId id;
  random_bytes(id);
  std::vector<Slot> slots;
  const auto add = [&](const Credential& credential) -> absl::Status {
    absl::StatusOr<Slot> slot = prepare_slot(credential, root, id, cost, clock());
    if (!slot.ok()) return slot.status();
    slot->index = static_cast<std::uint32_t>(slots.size());
    slots.push_back(*std::move(slot));
    return absl::OkStatus();
  };
  for (const Credential& credential : credentials) {
    if (absl::Status added = add(credential); !added.ok()) return added;
  }
  CreatedVault created;
  if (with_recovery_key) {
    Credential recovery{SlotKind::kRecoveryKey, generate_recovery_key()};
    if (absl::Status added = add(recovery); !added.ok()) return added;
    created.recovery_key = std::move(recovery.secret);
  }
  absl::StatusOr<std::unique_ptr<LockedVault>> file =
      LockedVault::create(place, clock, root, id, slots, with_recovery_key);
  if (!file.ok()) return file.status();
  created.opened = unlock(*std::move(file), std::move(root));
  return created;
}

}  // namespace tacit
