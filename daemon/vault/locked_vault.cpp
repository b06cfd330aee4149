// The vault's files: found, locked, opened.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

constexpr const char* kNoVaultMessage = "there is no vault yet; make one with `tacit init`";

bool any_vault_file(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return is_vault_file_name(name); });
}

absl::Status missing_current(const std::string& folder) {
  return make_error(Reason::kVaultDamaged,
                    "`" + folder +
                        "/CURRENT` is missing, but a vault file lies beside it; write "
                        "that file's name (`vault-....db`) into CURRENT");
}

/// A folder of our own in the runtime folder, held as long as the copy in it is used.
struct RuntimeCopy {
  std::string folder;
  FileHandle held;
};
absl::StatusOr<RuntimeCopy> copy_to_runtime(const VaultPlace& place, const std::string& name) {
  const std::string folder = place.runtime_dir + "/" + new_read_only_copy_name();
  if (absl::Status status = make_private_folder(folder); !status.ok()) return status;
  absl::StatusOr<std::string> resolved = resolved_folder(folder);
  if (!resolved.ok()) return resolved.status();
  absl::StatusOr<FileHandle> held = hold_passing(*resolved);
  absl::Status status = held.status();
  if (status.ok()) status = copy_file(place.dir + "/" + name, *resolved + "/" + name);
  const std::string wal = place.dir + "/" + name + "-wal";
  if (status.ok() && path_exists(wal)) status = copy_file(wal, *resolved + "/" + name + "-wal");
  if (!status.ok()) {
    remove_database(*resolved + "/" + name);
    rmdir(resolved->c_str());
    return status;
  }
  return RuntimeCopy{*std::move(resolved), *std::move(held)};
}

}  // namespace

absl::Status missing_beside_anchor(const VaultPlace& place) {
  return make_error(Reason::kVaultDamaged,
                    "the vault in `" + place.dir + "` is missing, but its anchor `" +
                        place.anchor_file +
                        "` says that there was one; restore the folder from a backup, or, to begin "
                        "anew, remove the anchor file");
}

absl::StatusOr<Sighting> look(const std::string& folder) {
  const absl::StatusOr<std::optional<std::string>> current = read_current(folder);
  if (!current.ok()) return current.status();
  if (!*current) {
    const absl::StatusOr<std::vector<std::string>> names = file_names(folder);
    if (!names.ok()) return names.status();
    if (any_vault_file(*names)) return missing_current(folder);
    return Sighting{};
  }
  const std::string& name = **current;
  if (path_exists(folder + "/" + name)) return Sighting{Presence::kThere, name};
  if (path_exists(folder + "/" + creating_name(name))) {
    return Sighting{Presence::kInterruptedCreation, name};
  }
  return make_error(Reason::kVaultDamaged, "`" + folder + "/" + name +
                                               "` is missing, though CURRENT names it; restore it "
                                               "from a backup");
}

absl::Status read_clear_part(LockedVault::Impl& impl) {
  absl::StatusOr<Store::HeaderRow> row = impl.store->read_header();
  if (!row.ok()) return row.status();
  const std::optional<Header> header = decode_header(row->body);
  if (!header) return damaged("the vault's header is malformed");
  if (header->least_reader > kFormat) {
    return make_error(Reason::kVaultTooNew, "the vault needs a reader of format " +
                                                std::to_string(header->least_reader) +
                                                "; update tacit");
  }
  if (header->format != kFormat) return damaged("the vault's header and file disagree");
  absl::StatusOr<std::vector<Slot>> slots = impl.store->read_slots();
  if (!slots.ok()) return slots.status();
  impl.header = *header;
  impl.header_row = *std::move(row);
  impl.slots = *std::move(slots);
  return absl::OkStatus();
}

absl::Status open_file(LockedVault::Impl& impl, const std::string& name, bool read_only) {
  std::string folder = impl.place.dir;
  if (read_only) {
    absl::StatusOr<RuntimeCopy> copy = copy_to_runtime(impl.place, name);
    if (!copy.ok()) return copy.status();
    folder = copy->folder;
    impl.read_only_copy = copy->folder;
    impl.read_only_held = std::move(copy->held);
  }
  absl::StatusOr<std::unique_ptr<Store>> store =
      Store::open(folder + "/" + name, Store::Mode::kOwn);
  if (!store.ok()) {
    if (read_only) {
      remove_database(folder + "/" + name);
      rmdir(folder.c_str());
      impl.read_only_copy.clear();
    }
    return store.status();
  }
  impl.store = *std::move(store);
  absl::Status status = read_clear_part(impl);
  // After the first read, for that makes the WAL. A copy's place is in nobody's way.
  if (status.ok() && !read_only) impl.remember_files();
  return status;
}

LockedVault::LockedVault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LockedVault::~LockedVault() = default;

const VaultId& LockedVault::vault_id() const { return impl_->header.vault_id; }
const std::vector<Slot>& LockedVault::slots() const { return impl_->slots; }
absl::Status LockedVault::check_in_place() const { return impl_->check_files(); }

absl::StatusOr<std::unique_ptr<LockedVault>> LockedVault::open(const VaultPlace& place,
                                                               Clock clock) {
  const bool anchored = path_exists(place.anchor_file);
  if (!path_exists(place.dir)) {
    if (anchored) return missing_beside_anchor(place);
    return make_error(Reason::kNoVault, kNoVaultMessage);
  }
  absl::StatusOr<std::string> folder = resolved_folder(place.dir);
  if (!folder.ok()) return folder.status();
  if (absl::Status status = check_private_folder(*folder); !status.ok()) return status;

  auto impl = std::make_unique<Impl>();
  impl->place = place;
  impl->place.dir = *folder;
  impl->clock = std::move(clock);
  const bool read_only = is_read_only_place(*folder);
  absl::StatusOr<FileHandle> lock = lock_folder(*folder, place.socket, read_only);
  if (!lock.ok()) return lock.status();
  impl->lock = std::make_shared<FileHandle>(*std::move(lock));

  const absl::StatusOr<Sighting> sighting = look(*folder);
  if (!sighting.ok()) return sighting.status();
  if (sighting->presence != Presence::kThere) {
    if (anchored) return missing_beside_anchor(place);
    return make_error(Reason::kNoVault, kNoVaultMessage);
  }
  if (!read_only) remove_leftovers(*folder);
  remove_runtime_leftovers(place.runtime_dir);
  if (absl::Status status = open_file(*impl, sighting->name, read_only); !status.ok()) {
    return status;
  }
  return std::unique_ptr<LockedVault>(new LockedVault(std::move(impl)));
}

LockedVault::Seat LockedVault::seat() const { return {impl_->place, impl_->clock, impl_->lock}; }

absl::StatusOr<LockedVault::Seat> LockedVault::take_seat(const VaultPlace& place, Clock clock) {
  if (absl::Status status = make_private_folder(place.dir); !status.ok()) return status;
  absl::StatusOr<std::string> folder = resolved_folder(place.dir);
  if (!folder.ok()) return folder.status();
  if (absl::Status status = check_private_folder(*folder); !status.ok()) return status;
  if (is_read_only_place(*folder)) {
    return make_error(Reason::kReadOnly, "`" + *folder +
                                             "` is on a read-only file system; mount it writable, "
                                             "or set XDG_DATA_HOME to another place");
  }
  absl::StatusOr<FileHandle> lock = lock_folder(*folder, place.socket, false);
  if (!lock.ok()) return lock.status();
  Seat seat{place, std::move(clock), std::make_shared<FileHandle>(*std::move(lock))};
  seat.place.dir = *std::move(folder);
  return seat;
}

absl::StatusOr<std::unique_ptr<LockedVault>> LockedVault::open_in(const Seat& seat) {
  auto impl = std::make_unique<Impl>();
  impl->place = seat.place;
  impl->clock = seat.clock;
  impl->lock = seat.lock;
  const absl::StatusOr<Sighting> sighting = look(seat.place.dir);
  if (!sighting.ok()) return sighting.status();
  if (absl::Status status = open_file(*impl, sighting->name, false); !status.ok()) return status;
  return std::unique_ptr<LockedVault>(new LockedVault(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<Vault::Core>> open_core(LockedVault::Impl& impl, KeyBytes root) {
  // The file is read again: slots and header may have been changed since it was opened.
  if (absl::Status status = read_clear_part(impl); !status.ok()) return status;
  auto core = std::make_unique<Vault::Core>(impl, std::move(root));
  absl::StatusOr<std::vector<unsigned char>> sealed = impl.store->read_state();
  if (!sealed.ok()) return sealed.status();
  const std::optional<StateBytes> plain = open_state(*sealed, core->state_key, core->vault_id);
  const Store::HeaderRow& row = impl.header_row;
  const Tag mac = header_mac(subkey(core->root, Subkey::kHeader), kApplicationId, kFormat, row.body,
                             row.ring, impl.slots);
  const bool header_fits = same_bytes(mac, row.mac);
  if (!plain && !header_fits) {
    return make_error(Reason::kWrongCredential,
                      "that credential opens a slot, but not this vault; the file was put "
                      "together from several: restore a backup");
  }
  if (!plain) return damaged("the vault's state was changed");
  if (!header_fits) return damaged("the vault's header was changed");
  const std::optional<StateData> state = decode_state(*plain);
  if (!state) return damaged("the vault's state is malformed");
  if (!same_bytes(state->header_mac, row.mac)) return damaged("the vault's header is an old one");
  std::optional<KeyRing> ring =
      open_ring(row.ring, subkey(core->root, Subkey::kRing), core->vault_id);
  if (!ring) return damaged("the vault's data keys were changed");
  core->ring = *std::move(ring);
  core->state = *state;
  core->committed = *plain;
  core->committed_sealed = *std::move(sealed);
  if (absl::Status status = core->load(); !status.ok()) return status;
  return core;
}

absl::StatusOr<std::unique_ptr<Vault>> LockedVault::unlock(KeyBytes root) {
  absl::StatusOr<std::unique_ptr<Vault::Core>> opened = open_core(*impl_, std::move(root));
  if (!opened.ok()) return opened.status();
  std::unique_ptr<Vault::Core> core = *std::move(opened);
  if (absl::Status status = core->judge_anchor_file(); !status.ok()) return status;
  if (!impl_->read_only_copy.empty() && core->read_only == Reason::kUnspecified) {
    core->read_only = Reason::kReadOnly;
    core->read_only_message = "the vault lies on a read-only file system (`" + impl_->place.dir +
                              "`); mount it writable to change it";
  }
  return Vault::Core::serve(std::move(core));
}

}  // namespace tacit
