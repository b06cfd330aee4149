// A backup becomes the vault: checked row by row, then a state of its own.
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/passing_vault.h"
#include "daemon/vault/replacement.h"
#include "daemon/vault/vault_file.h"

namespace tacit {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;

/// Every row opened and compared with what belongs to it.
absl::Status verify_all(Vault& vault, const Steps& steps) {
  for (Vault::VerifyState state; !state.cursor.done;) {
    const absl::StatusOr<std::vector<Vault::Finding>> found = vault.verify(state, kRowsAtOnce);
    if (!found.ok()) return found.status();
    if (!found->empty()) {
      const Vault::Finding& first = found->front();
      return make_error(Reason::kVaultDamaged,
                        "the backup is damaged, nothing was changed: " + first.message);
    }
    if (absl::Status go_on = steps(state.rows_done, state.rows_total); !go_on.ok()) return go_on;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClearPart> read_clear_part(const std::string& file) {
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::open(file, Store::Mode::kInspected);
  if (!store.ok()) return store.status();
  const absl::StatusOr<Store::HeaderRow> row = (*store)->read_header();
  if (!row.ok()) return row.status();
  const std::optional<Header> header = decode_header(row->body);
  if (!header) return damaged("its header is malformed");
  absl::StatusOr<std::vector<Slot>> slots = (*store)->read_slots(Store::Malformed::kLeftOut);
  if (!slots.ok()) return slots.status();
  return ClearPart{header->vault_id, *std::move(slots)};
}

absl::StatusOr<Replacement> Replacement::of_backup(const VaultPlace& place, const Clock& clock,
                                                   const std::string& file, const KeyBytes& root,
                                                   const Steps& steps) {
  const std::string name = new_vault_file_name();
  const std::string passing = place.dir + "/" + creating_name(name);
  if (absl::Status status = rename_file(file, passing); !status.ok()) return status;
  Replacement out(passing, name);  // removes it from here on
  absl::StatusOr<PassingVault> vault =
      open_passing(place, clock, passing, Store::Mode::kOwn, root.clone());
  if (!vault.ok()) return vault.status();
  absl::Status status = vault->core().judge_anchor_file();
  if (status.ok()) status = verify_all(*vault->vault, steps);
  if (status.ok()) status = vault->core().begin_lineage();
  if (!status.ok()) return status;
  const absl::StatusOr<AnchorBytes> anchor = close_filled(*std::move(vault));
  if (!anchor.ok()) return anchor.status();
  out.anchor_.assign(anchor->begin(), anchor->end());
  return out;
}

}  // namespace tacit
