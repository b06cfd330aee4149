// Making a vault, so that an interrupted creation leaves nothing.
#include <sqlite3.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/vault_core.h"
#include "daemon/vault/vault_file.h"

namespace tacit {
namespace {

/// The rows of an empty vault, in the transaction that `Store::create` left open.
absl::StatusOr<FirstRows> write_first_rows(Store& store, const KeyBytes& root, const Header& header,
                                           std::span<const Slot> slots) {
  KeyRing ring;
  ring.entries.push_back({1, KeyBytes::random()});
  Store::HeaderRow row;
  const auto body = encode_header(header);
  row.body.assign(body.begin(), body.end());
  row.ring = seal_ring(ring, subkey(root, Subkey::kRing), header.vault_id);
  row.mac =
      header_mac(subkey(root, Subkey::kHeader), kApplicationId, kFormat, row.body, row.ring, slots);
  if (absl::Status status = store.write_header(row); !status.ok()) return status;

  FirstRows out;
  out.state.epoch = 1;
  random_bytes(out.state.lineage);
  out.state.header_mac = row.mac;
  const KeyBytes set_key = subkey(root, Subkey::kSet);
  for (const Slot& slot : slots) {
    if (absl::Status status = store.put_slot(slot); !status.ok()) return status;
    out.state.sum(Table::kSlot).add(row_hash(set_key, slot));
  }
  out.state_plain = encode_state(out.state);
  const std::vector<unsigned char> sealed =
      seal_state(out.state_plain, subkey(root, Subkey::kState), header.vault_id);
  if (absl::Status status = store.write_state(sealed); !status.ok()) return status;
  return out;
}

absl::Status write_first_anchor(const VaultPlace& place, const KeyBytes& root,
                                const VaultId& vault_id, const FirstRows& rows) {
  const KeyBytes key = subkey(root, Subkey::kAnchor);
  const Anchor anchor{vault_id, rows.state.lineage, rows.state.epoch,
                      state_digest(rows.state_plain, key)};
  if (absl::Status status = make_private_folder(parent_of(place.anchor_file)); !status.ok()) {
    return status;
  }
  return replace_file(place.anchor_file, encode_anchor(anchor, key));
}

}  // namespace

absl::Status close_synced(std::unique_ptr<Store> store) {
  sqlite3* db = store->connection().handle();
  const int code =
      sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db, code, "writing the new vault");
  const std::string path = store->path();
  store.reset();
  return sync_file(path);
}

absl::StatusOr<FirstRows> make_database(const std::string& path, const KeyBytes& root,
                                        const Header& header, std::span<const Slot> slots) {
  absl::StatusOr<std::unique_ptr<Store>> store = Store::create(path);
  if (!store.ok()) return store.status();
  absl::StatusOr<FirstRows> rows = write_first_rows(**store, root, header, slots);
  if (!rows.ok()) return rows;
  if (absl::Status status = (*store)->commit(); !status.ok()) return status;
  if (absl::Status status = close_synced(*std::move(store)); !status.ok()) return status;
  return rows;
}

absl::StatusOr<std::unique_ptr<LockedVault>> LockedVault::create(const VaultPlace& place,
                                                                 Clock clock, const KeyBytes& root,
                                                                 const VaultId& vault_id,
                                                                 std::span<const Slot> slots,
                                                                 bool recovery_key_unconfirmed) {
  if (slots.empty() || slots.size() > kMaxSlots) {
    return make_error(Reason::kInvalidArgument, "a vault has 1 to 16 slots");
  }
  absl::StatusOr<Seat> seat = take_seat(place, std::move(clock));
  if (!seat.ok()) return seat.status();
  auto impl = std::make_unique<Impl>();
  impl->place = seat->place;
  impl->clock = std::move(seat->clock);
  impl->lock = std::move(seat->lock);
  const std::string& folder = impl->place.dir;

  const absl::StatusOr<Sighting> sighting = look(folder);
  if (!sighting.ok()) return sighting.status();
  if (sighting->presence == Presence::kThere) {
    return make_error(Reason::kVaultExists, "there is a vault already in `" + folder +
                                                "`; it is never replaced; unlock it");
  }
  if (path_exists(place.anchor_file)) return missing_beside_anchor(place);
  if (sighting->presence == Presence::kInterruptedCreation) {
    unlink((folder + "/CURRENT").c_str());
  }
  remove_leftovers(folder);

  std::vector<Slot> numbered(slots.begin(), slots.end());
  for (std::size_t i = 0; i < numbered.size(); ++i) {
    numbered[i].index = static_cast<std::uint32_t>(i);
  }
  Header header;
  header.vault_id = vault_id;
  header.created = impl->clock();
  header.recovery_key_unconfirmed = recovery_key_unconfirmed;
  const std::string name = new_vault_file_name();
  const std::string final_path = folder + "/" + name;
  const std::string passing_path = folder + "/" + creating_name(name);
  absl::StatusOr<FirstRows> rows = make_database(passing_path, root, header, numbered);
  absl::Status status = rows.status();
  if (status.ok()) status = write_current(folder, name);
  if (status.ok()) status = rename_file(passing_path, final_path);
  if (status.ok()) status = sync_folder(folder);
  if (status.ok()) status = write_first_anchor(place, root, vault_id, *rows);
  if (status.ok()) status = open_file(*impl, name, false);
  if (!status.ok()) {
    impl->store.reset();
    // First what makes it a vault, then the rest.
    unlink(place.anchor_file.c_str());
    remove_database(final_path);
    unlink((folder + "/CURRENT").c_str());
    remove_database(passing_path);
    sync_folder(folder).IgnoreError();
    return status;
  }
  return std::unique_ptr<LockedVault>(new LockedVault(std::move(impl)));
}

}  // namespace tacit
