// Looking after the vault: anchor, rollback, verification, backup.
#include <unistd.h>

#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

enum VerifyPhase : std::uint8_t { kNames = 0, kItems = 1, kAttributes = 2 };

Vault::Finding finding(const absl::Status& status, std::optional<ItemName> where) {
  return {reason_of(status), std::string(status.message()), std::move(where)};
}

}  // namespace

Reason Vault::read_only() const { return core_->read_only; }
const std::string& Vault::read_only_message() const { return core_->read_only_message; }
bool Vault::first_use() const { return core_->first_use; }

void Vault::set_observer(std::function<void(const ItemEvent&)> observer) {
  core_->observer = std::move(observer);
}

bool Vault::anchor_due() const {
  return core_->read_only == Reason::kUnspecified && core_->anchored_epoch != core_->state.epoch;
}

absl::Status Vault::write_anchor() {
  if (!anchor_due()) return absl::OkStatus();
  const KeyBytes key = subkey(core_->root, Subkey::kAnchor);
  const RememberedAnchor now{core_->state.epoch, state_digest(core_->committed, key)};
  const Anchor anchor{core_->vault_id, {{core_->state.lineage, now.epoch, now.digest}}};
  const std::string& path = core_->locked.place.anchor_file;
  if (absl::Status status = make_private_folder(folder_of(path)); !status.ok()) return status;
  bool replaced = false;
  const absl::Status status = replace_file(path, encode_anchor(anchor, key), &replaced);
  // The next state must know this anchor, also when only the folder's sync failed.
  if (replaced) core_->state.remember(now);
  if (status.ok()) core_->anchored_epoch = now.epoch;
  return status;
}

absl::Status Vault::accept_rollback() {
  if (core_->read_only != Reason::kRollback && core_->read_only != Reason::kFork) {
    return core_->check_writable();
  }
  if (!core_->locked.read_only_copy.empty()) {
    return make_error(Reason::kReadOnly,
                      "the vault lies on a read-only file system; mount it writable first");
  }
  Change write(*core_);
  absl::Status status = write.begin();
  if (!status.ok()) return status;
  random_bytes(write.state().lineage);
  if (core_->found_anchor) {
    for (const AnchorEntry& entry : core_->found_anchor->entries) {
      write.state().epoch = std::max(write.state().epoch, entry.epoch);
      // So that a crash before the anchor is written anew does not ask again.
      write.state().remember({entry.epoch, entry.digest});
    }
  }
  status = write.commit();  // which adds one to the epoch
  if (!status.ok()) return status;
  core_->read_only = Reason::kUnspecified;
  core_->read_only_message.clear();
  core_->anchored_epoch.reset();
  return write_anchor();
}

absl::StatusOr<std::vector<Vault::Finding>> Vault::verify(VerifyState& state, std::size_t limit) {
  std::vector<Finding> findings;
  Cursor& cursor = state.cursor;
  state.rows_total = core_->state.sum(Table::kName).count + core_->state.sum(Table::kItem).count +
                     core_->state.sum(Table::kAttribute).count;
  if (cursor.done) return findings;
  const std::span<unsigned char> after(cursor.after);
  const auto bound = static_cast<std::int64_t>(std::clamp<std::size_t>(limit, 1, 1 << 20));
  // Rows taken away show in the counts, which mean nothing once the vault has changed.
  const auto check_count = [&](Table table) {
    if (cursor.changes == core_->state.epoch && cursor.seen != core_->state.sum(table).count) {
      findings.push_back(
          finding(damaged("rows of the vault were taken away or added"), std::nullopt));
    }
  };
  if (!cursor.started) {
    cursor.started = true;
    cursor.changes = core_->state.epoch;
    if (const absl::Status audit = verify_audit(); !audit.ok()) {
      findings.push_back(finding(audit, std::nullopt));
    }
  }
  if (cursor.phase == kNames) {
    StatementUse use(core_->store.sql.names_after);
    // Bound values are not copied, so never those that the loop below moves on.
    const std::array<unsigned char, 48> bound_key = cursor.after;
    const Bytes from(bound_key);
    use->bind(1, cursor.seen == 0 ? Bytes() : from.first(16))
        .bind(2, cursor.seen == 0 ? Bytes() : from.subspan(16))
        .bind(3, bound);
    std::int64_t got = 0;
    for (;; ++got) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<NameRow> row = Store::name_row(core_->store.sql.names_after);
      if (!row) return damaged("a name of the vault is malformed");
      std::copy(row->collection.begin(), row->collection.end(), after.begin());
      std::copy(row->tag.begin(), row->tag.end(), after.begin() + 16);
      ++cursor.seen;
      ++state.rows_done;
      absl::Status status = core_->verify(*row).status();
      std::optional<ItemName> where;
      const absl::StatusOr<std::string> name = core_->open_name(*row);
      if (name.ok()) {
        where = ItemName{std::string(core_->collection_name(row->collection)), *name};
        if (status.ok() && core_->name_tag(row->collection, *name) != row->tag) {
          status = damaged("a name lies under another name's tag");
        }
      } else if (status.ok()) {
        status = name.status();
      }
      if (status.ok()) {
        const absl::StatusOr<KnownVersion> newest = core_->newest_version(row->item);
        status = newest.status();
        if (newest.ok() && newest->record.deleted == row->live) {
          status = damaged("an item is deleted and not deleted at once");
        }
      }
      if (!status.ok()) findings.push_back(finding(status, where));
    }
    if (got < bound) {
      check_count(Table::kName);
      cursor.phase = kItems;
      cursor.seen = 0;
      cursor.after = {};
    }
    return findings;
  }
  if (cursor.phase == kItems) {
    StatementUse use(core_->store.sql.items_after);
    std::uint64_t version = 0;
    for (std::size_t i = 0; i < 8; ++i) version |= std::uint64_t{after[i]} << (8 * i);
    const Bytes item = Bytes(after.subspan(8, 16));
    use->bind(1, cursor.seen == 0 ? Bytes() : item)
        .bind(2, static_cast<std::int64_t>(version))
        .bind(3, bound);
    std::int64_t got = 0;
    std::array<unsigned char, 48> next = cursor.after;
    for (;; ++got) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) return found.status();
      if (!*found) break;
      const std::optional<ItemRow> row = Store::item_row(core_->store.sql.items_after);
      if (!row) return damaged("an item of the vault is malformed");
      for (std::size_t i = 0; i < 8; ++i) {
        next[i] = static_cast<unsigned char>(row->version >> (8 * i));
      }
      std::copy(row->item.begin(), row->item.end(), next.begin() + 8);
      ++cursor.seen;
      ++state.rows_done;
      const absl::StatusOr<KnownVersion> opened = core_->open_version(*row);
      absl::Status status = opened.status();
      if (opened.ok() && !opened->record.deleted) status = core_->open_value(*opened).status();
      if (status.ok()) continue;
      std::string name;
      std::optional<ItemName> where;
      if (const auto known = core_->name_of_item(row->item, name); known.ok()) {
        where = ItemName{std::string(core_->collection_name(known->row.collection)), name};
      }
      findings.push_back(finding(status, where));
    }
    cursor.after = next;
    if (got < bound) {
      check_count(Table::kItem);
      cursor.phase = kAttributes;
      cursor.seen = 0;
      cursor.after = {};
    }
    return findings;
  }
  StatementUse use(core_->store.sql.attributes_after);
  use->bind(1, cursor.seen == 0 ? Bytes() : Bytes(after.first(32)))
      .bind(2, cursor.seen == 0 ? Bytes() : Bytes(after.subspan(32)))
      .bind(3, bound);
  std::int64_t got = 0;
  std::array<unsigned char, 48> next = cursor.after;
  for (;; ++got) {
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) break;
    const std::optional<AttributeRow> row = Store::attribute_row(core_->store.sql.attributes_after);
    if (!row) return damaged("an attribute of the vault is malformed");
    std::copy(row->tag.begin(), row->tag.end(), next.begin());
    std::copy(row->item.begin(), row->item.end(), next.begin() + 32);
    ++cursor.seen;
    ++state.rows_done;
    const absl::StatusOr<KnownVersion> newest = core_->newest_version(row->item);
    absl::Status status = newest.status();
    if (newest.ok() && std::none_of(newest->record.attributes.begin(),
                                    newest->record.attributes.end(), [&](const auto& pair) {
                                      return core_->attribute_tag(pair.first, pair.second) ==
                                             row->tag;
                                    })) {
      status = damaged("an attribute leads to an item that lacks it");
    }
    if (!status.ok()) findings.push_back(finding(status, std::nullopt));
  }
  cursor.after = next;
  if (got < bound) {
    check_count(Table::kAttribute);
    cursor.done = true;
  }
  return findings;
}

absl::Status Vault::backup(const std::string& path) {
  // SQLite would follow what is there; a new file of ours is what it gets.
  absl::StatusOr<std::string> folder = resolved_folder(folder_of(path));
  if (!folder.ok()) return folder.status();
  const std::size_t slash = path.rfind('/');
  const std::string target =
      *folder + "/" + (slash == std::string::npos ? path : path.substr(slash + 1));
  if (absl::Status status = create_private_file(target); !status.ok()) return status;
  const auto copy = [&]() -> absl::Status {
    {
      absl::StatusOr<Connection> out = Connection::open(target, SQLITE_OPEN_READWRITE);
      if (!out.ok()) return out.status();
      if (absl::Status status = out->run("PRAGMA locking_mode=EXCLUSIVE", "taking the copy");
          !status.ok()) {
        return status;
      }
      sqlite3_backup* copying =
          sqlite3_backup_init(out->handle(), "main", core_->store.connection().handle(), "main");
      if (copying == nullptr) {
        return sqlite_error(out->handle(), sqlite3_errcode(out->handle()), "copying the vault");
      }
      sqlite3_backup_step(copying, -1);
      const int code = sqlite3_backup_finish(copying);
      if (code != SQLITE_OK) return sqlite_error(out->handle(), code, "copying the vault");
    }
    {
      absl::StatusOr<std::unique_ptr<Store>> check = Store::open(target, Store::Mode::kInspected);
      if (!check.ok()) return check.status();
      const auto sums = scan_rows(**check, core_->set_key, nullptr);
      if (!sums.ok()) return sums.status();
      const auto sealed = (*check)->read_state();
      if (!sealed.ok()) return sealed.status();
      if (*sums != core_->state.sums || *sealed != core_->committed_sealed) {
        return damaged("the copy is not what the vault holds");
      }
    }
    if (absl::Status status = sync_file(target); !status.ok()) return status;
    return sync_folder(*folder);
  };
  const absl::Status status = copy();
  if (!status.ok()) {
    for (const char* suffix : {"", "-wal", "-journal"}) unlink((target + suffix).c_str());
  }
  return status;
}

}  // namespace tacit
