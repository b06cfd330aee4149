#include "daemon/session/replace_vault.h"

#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

/// A file that goes with its scope, whatever has become of it.
class Passing {
 public:
  explicit Passing(std::string path) : path_(std::move(path)) {}
  ~Passing() { remove_database(path_); }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

OpenedVault put_in_place(const LockedVault::Seat& seat, absl::StatusOr<Replacement> made,
                         const KeyBytes& root, const Steps& steps) {
  if (!made.ok()) return {nullptr, made.status()};
  // The last moment to give it up.
  if (absl::Status wanted = steps(1, 1); !wanted.ok()) return {nullptr, wanted};
  if (absl::Status status = made->put_in_place(seat.place); !status.ok()) return {nullptr, status};
  absl::StatusOr<std::unique_ptr<LockedVault>> file = LockedVault::open_in(seat);
  if (!file.ok()) return {nullptr, file.status()};
  absl::StatusOr<std::unique_ptr<Vault>> vault = (*file)->unlock(root.clone());
  return {*std::move(file), std::move(vault)};
}

absl::StatusOr<LockedVault::Seat> seat_of(const LockedVault* present, const VaultPlace& place,
                                          const Clock& clock) {
  if (present != nullptr) return present->seat();
  return LockedVault::take_seat(place, clock);
}

/// Of a file that came as a backup: its passing name says nothing to anybody.
absl::Status no_backup(const absl::Status& why) {
  switch (reason_of(why)) {
    case Reason::kNotAVault:
      return make_error(Reason::kNotAVault,
                        "that is no backup of a Tacit vault; nothing was changed");
    case Reason::kVaultDamaged:
      return make_error(Reason::kVaultDamaged,
                        "the backup is damaged or not whole; nothing was changed. Take another");
    default:
      return why;
  }
}

/// Whether a backup with this root key may take the place of what this machine knows.
absl::Status may_replace(const LockedVault::Seat& seat, const LockedVault* present,
                         const KeyBytes& root, const Credential& credential,
                         const std::optional<Credential>& current) {
  const absl::StatusOr<std::optional<bool>> anchored = anchored_by(seat.place, root);
  if (!anchored.ok()) return anchored.status();
  if (anchored->value_or(false)) return absl::OkStatus();
  if (present != nullptr) {
    const auto opened =
        open_slot(current ? *current : credential, present->slots(), present->vault_id());
    if (opened.ok()) {
      // The one here may itself have been put in the place of the user's.
      const absl::StatusOr<std::optional<bool>> known = anchored_by(seat.place, opened->root);
      if (!known.ok()) return known.status();
      if (known->value_or(true)) return absl::OkStatus();
      return make_error(
          Reason::kFork,
          "neither the backup nor the vault that is here is the one that this machine "
          "knew; if the backup is the right one, remove the anchor `" +
              seat.place.anchor_file + "` and restore it again");
    }
    if (current) return opened.status();
    return make_error(Reason::kFork,
                      "the backup has other keys than the vault that is here (it is older than a "
                      "change of all keys, or of another vault): what opens the present vault is "
                      "needed, too");
  }
  if (!*anchored) return absl::OkStatus();
  return make_error(Reason::kFork,
                    "the backup has other keys than the vault that this machine knew, which does "
                    "not open; if it is the right one, remove the anchor `" +
                        seat.place.anchor_file + "` and restore it again");
}

}  // namespace

absl::StatusOr<FreshKeys> make_fresh_keys(const VaultId& vault_id,
                                          std::span<const Credential> credentials,
                                          bool with_recovery_key, const KdfParams& cost,
                                          std::int64_t now_unix_ms) {
  FreshKeys fresh;
  fresh.keys.root = KeyBytes::random();
  fresh.keys.recovery_key_unconfirmed = with_recovery_key;
  const auto add = [&](const Credential& credential) -> absl::Status {
    absl::StatusOr<Slot> slot =
        prepare_slot(credential, fresh.keys.root, vault_id,
                     credential.kind == SlotKind::kPassphrase ? cost : KdfParams{}, now_unix_ms);
    if (!slot.ok()) return slot.status();
    slot->index = static_cast<std::uint32_t>(fresh.keys.slots.size());
    fresh.keys.slots.push_back(*std::move(slot));
    return absl::OkStatus();
  };
  for (const Credential& credential : credentials) {
    if (absl::Status added = add(credential); !added.ok()) return added;
  }
  if (with_recovery_key) {
    Credential recovery{SlotKind::kRecoveryKey, generate_recovery_key()};
    if (absl::Status added = add(recovery); !added.ok()) return added;
    fresh.recovery_key = std::move(recovery.secret);
  }
  return fresh;
}

OpenedVault replace_keys(const LockedVault::Seat& seat, const std::string& copy,
                         const KeyBytes& root, const Replacement::NewKeys& keys,
                         const Steps& steps) {
  const Passing source(copy);
  return put_in_place(seat,
                      Replacement::under_new_keys(seat.place, seat.clock, copy, root, keys, steps),
                      keys.root, steps);
}

absl::StatusOr<KeyBytes> root_of_backup(const std::string& backup, const Credential& credential) {
  const absl::StatusOr<ClearPart> clear = read_clear_part(backup);
  if (!clear.ok()) return no_backup(clear.status());
  absl::StatusOr<OpenedSlot> slot = open_slot(credential, clear->slots, clear->vault_id);
  if (!slot.ok()) return slot.status();
  return std::move(slot->root);
}

Restored restore_vault(const VaultPlace& place, const Clock& clock,
                       std::unique_ptr<LockedVault> present, const std::string& backup,
                       const KeyBytes& root, const Credential& credential,
                       const std::optional<Credential>& current, const Steps& steps) {
  const Passing source(backup);
  const auto refused = [&](const absl::Status& why) {
    return Restored{{nullptr, why}, std::move(present)};
  };
  const absl::StatusOr<LockedVault::Seat> seat = seat_of(present.get(), place, clock);
  if (!seat.ok()) return refused(seat.status());
  if (absl::Status may = may_replace(*seat, present.get(), root, credential, current); !may.ok()) {
    return refused(may);
  }
  OpenedVault opened = put_in_place(
      *seat, Replacement::of_backup(seat->place, clock, backup, root, steps), root, steps);
  if (!opened.file) return refused(opened.vault.status());
  return {std::move(opened), nullptr};
}

OpenedVault salvage_vault(const VaultPlace& place, const Clock& clock,
                          std::unique_ptr<LockedVault> present, const Credential& credential,
                          const Tightening& tightening, Salvage& report, const Steps& steps) {
  const absl::StatusOr<LockedVault::Seat> seat = seat_of(present.get(), place, clock);
  // No connection may have the file open that is copied.
  present.reset();
  if (!seat.ok()) return {nullptr, seat.status()};
  absl::StatusOr<std::string> copy = copy_of_current(seat->place);
  if (!copy.ok()) return {nullptr, copy.status()};
  const Passing source(*std::move(copy));
  const absl::StatusOr<ClearPart> clear = read_clear_part(source.path());
  if (!clear.ok()) return {nullptr, clear.status()};
  absl::StatusOr<OpenedSlot> slot = open_slot(credential, clear->slots, clear->vault_id);
  if (!slot.ok()) return {nullptr, slot.status()};
  return put_in_place(*seat,
                      Replacement::salvaged(seat->place, clock, source.path(), slot->root,
                                            slot->index, tightening, report, steps),
                      slot->root, steps);
}

}  // namespace tacit
