// The same content under a new root key and new data keys, in a new file.
#include <utility>

#include "daemon/vault/leftovers.h"
#include "daemon/vault/passing_vault.h"
#include "daemon/vault/replacement.h"
#include "daemon/vault/row_writer.h"
#include "daemon/vault/sealed.h"

namespace tacit {
namespace {

constexpr std::int64_t kNoLimit = -1;
constexpr std::uint64_t kTellEvery = 1024;

/// Copies what a whole vault holds; every row is verified as it is read, and all are counted.
class Copying {
 public:
  Copying(Vault& vault, Vault::Core& to, const Steps& steps)
      : vault_(vault), from_(Vault::Core::of(vault)), to_(to), writer_(to), steps_(steps) {
    for (const Table table : {Table::kName, Table::kItem, Table::kPolicy, Table::kCollection}) {
      total_ += from_.state.sum(table).count;
    }
    total_ += from_.state.audit.next - from_.state.audit.first;
  }

  absl::Status run() {
    for (const auto step : {&Copying::collections, &Copying::names, &Copying::items,
                            &Copying::policies, &Copying::audit}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    if (absl::Status status = writer_.finish(from_.state.epoch + 1); !status.ok()) return status;
    for (std::size_t i = 0; i < kTables; ++i) {
      if (static_cast<Table>(i + 1) == Table::kSlot) continue;
      if (from_.state.sums[i].count != to_.state.sums[i].count) {
        return damaged("not every row of the vault was found");
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status done_one() {
    return ++done_ % kTellEvery == 0 ? steps_(done_, total_) : absl::OkStatus();
  }

  template <class Row, class Each>
  absl::Status each_of(Statement& statement, std::optional<Row> (*parse)(Statement&), Each each) {
    return each_row(statement, parse, SIZE_MAX,
                    [&](const Row& row) {
                      if (absl::Status status = each(row); !status.ok()) return status;
                      return done_one();
                    })
        .status();
  }

  absl::Status collections() {
    for (const auto& [name, entry] : from_.collections) {
      if (absl::Status status = writer_.collection(entry.id, {entry.inherits_from, name});
          !status.ok()) {
        return status;
      }
      if (absl::Status status = done_one(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status names() {
    StatementUse use(from_.store.sql.names_after);
    use->bind(1, Bytes()).bind(2, Bytes()).bind(3, kNoLimit);
    return each_of<NameRow>(from_.store.sql.names_after, &Store::name_row,
                            [this](const NameRow& row) { return copy_name(row); });
  }

  absl::Status copy_name(const NameRow& row) {
    if (absl::Status status = from_.verify(row).status(); !status.ok()) return status;
    const absl::StatusOr<std::string> name = from_.open_name(row);
    if (!name.ok()) return name.status();
    if (absl::Status status = writer_.name(row.collection, row.item, row.live, *name);
        !status.ok()) {
      return status;
    }
    if (!row.live) return absl::OkStatus();
    const absl::StatusOr<KnownVersion> newest = from_.newest_version(row.item);
    if (!newest.ok()) return newest.status();
    return writer_.attributes(row.item, newest->record.attributes);
  }

  absl::Status items() {
    StatementUse use(from_.store.sql.items_after);
    use->bind(1, Bytes()).bind(2, std::int64_t{-1}).bind(3, kNoLimit);
    return each_of<ItemRow>(from_.store.sql.items_after, &Store::item_row,
                            [this](const ItemRow& row) { return copy_version(row); });
  }

  absl::Status copy_version(const ItemRow& row) {
    const absl::StatusOr<KnownVersion> version = from_.open_version(row);
    if (!version.ok()) return version.status();
    if (version->record.deleted) {
      return writer_.version(row.item, row.version, version->record, nullptr);
    }
    const absl::StatusOr<SecretBytes> value = from_.open_value(*version);
    if (!value.ok()) return value.status();
    return writer_.version(row.item, row.version, version->record, &*value);
  }

  absl::Status policies() {
    StatementUse use(from_.store.sql.policies_after);
    use->bind(1, Bytes()).bind(2, std::int64_t{-1}).bind(3, kNoLimit);
    return each_of<PolicyRow>(
        from_.store.sql.policies_after, &Store::policy_row,
        [this](const PolicyRow& row) -> absl::Status {
          absl::StatusOr<SecretBytes> record = from_.open_policy(row);
          if (!record.ok()) return record.status();
          return writer_.policy({row.subject, row.version, *std::move(record)});
        });
  }

  /// Along the chain, so that what was changed or dropped ends it here and not in the copy.
  absl::Status audit() {
    absl::Status copied;
    Vault::AuditWalk walk;
    while (!walk.done) {
      const absl::Status walked =
          vault_.verify_audit(walk, kTellEvery, [&](const Vault::AuditRecord& record) {
            if (copied.ok()) copied = writer_.audit(record.sequence, record.body);
            if (copied.ok()) copied = done_one();
          });
      if (!walked.ok()) return walked;
      if (!copied.ok()) return copied;
    }
    return absl::OkStatus();
  }

  Vault& vault_;
  Vault::Core& from_;
  Vault::Core& to_;
  RowWriter writer_;
  const Steps& steps_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

absl::StatusOr<Replacement> Replacement::under_new_keys(const VaultPlace& place, const Clock& clock,
                                                        const std::string& copy,
                                                        const KeyBytes& root, const NewKeys& keys,
                                                        const Steps& steps) {
  absl::StatusOr<PassingVault> from =
      open_passing(place, clock, copy, Store::Mode::kInspected, root.clone());
  if (!from.ok()) return from.status();
  Header header = from->file->header;
  header.recovery_key_unconfirmed = keys.recovery_key_unconfirmed;
  const std::string name = new_vault_file_name();
  Replacement out(place.dir + "/" + creating_name(name), name);
  absl::StatusOr<PassingVault> to =
      make_passing(place, clock, out.passing_, keys.root, header, keys.slots);
  if (!to.ok()) return to.status();
  if (absl::Status status = Copying(*from->vault, to->core(), steps).run(); !status.ok()) {
    return status;
  }
  const absl::StatusOr<AnchorBytes> anchor = close_filled(*std::move(to));
  if (!anchor.ok()) return anchor.status();
  out.anchor_.assign(anchor->begin(), anchor->end());
  return out;
}

}  // namespace tacit
