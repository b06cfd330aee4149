// Unlocking: every row against the sums in the state, then the anchor.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::int64_t kNoLimit = -1;
constexpr std::size_t kMaxReserve = std::size_t{1} << 28;

template <class Row, class Parse, class Each>
absl::Status scan(Statement& statement, Parse parse, const KeyBytes& set_key, RowSum& sum,
                  Each each) {
  for (;;) {
    const absl::StatusOr<bool> found = statement.step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::OkStatus();
    const std::optional<Row> row = parse(statement);
    if (!row) return damaged("a row of the vault is malformed");
    const WideTag hash = row_hash(set_key, *row);
    sum.add(hash);
    if (absl::Status status = each(*row, hash); !status.ok()) return status;
  }
}

}  // namespace

absl::StatusOr<std::array<RowSum, kTables>> scan_rows(Store& store, const KeyBytes& set_key,
                                                      Vault::Core* core) {
  std::array<RowSum, kTables> sums{};
  const auto sum = [&](Table table) -> RowSum& {
    return sums[static_cast<std::size_t>(table) - 1];
  };
  const auto keep = [&](const auto& row, const WideTag& hash) {
    if (core != nullptr) {
      core->rows.put(map_key(core->session_key, row), fingerprint(hash));
    }
    return absl::OkStatus();
  };
  absl::StatusOr<std::vector<Slot>> slots = store.read_slots();
  if (!slots.ok()) return slots.status();
  for (const Slot& slot : *slots) sum(Table::kSlot).add(row_hash(set_key, slot));

  // Collections first: names are counted by them.
  std::map<CollectionId, CollectionEntry*> by_id;
  {
    StatementUse use(store.sql.collections_all);
    const absl::Status status = scan<CollectionRow>(
        store.sql.collections_all, &Store::collection_row, set_key, sum(Table::kCollection),
        [&](const CollectionRow& row, const WideTag& hash) -> absl::Status {
          if (core == nullptr) return absl::OkStatus();
          const KeyBytes* key = core->ring.find(row.term);
          if (key == nullptr) return damaged("a collection's key is missing");
          const auto aad = row_aad(
              core->vault_id,
              {.part = RowPart::kCollection, .term = row.term, .subject = row.id, .tag = row.tag});
          std::optional<SecretBytes> plain = open_box(*key, aad, row.sealed);
          if (!plain) return damaged("a collection of the vault was changed");
          std::optional<CollectionRecord> record = decode_collection(*std::move(plain));
          if (!record || core->collection_tag(record->name) != row.tag) {
            return damaged("a collection of the vault is malformed");
          }
          const auto [entry, is_new] = core->collections.emplace(
              record->name, CollectionEntry{row.id, row.tag, hash, record->inherits_from, 0, 0});
          if (!is_new || !core->collection_names.emplace(row.id, record->name).second) {
            return damaged("a collection of the vault is there twice");
          }
          by_id[row.id] = &entry->second;
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
  }
  {
    StatementUse use(store.sql.names_after);
    use->bind(1, Bytes()).bind(2, Bytes()).bind(3, kNoLimit);
    CollectionEntry* entry = nullptr;
    CollectionId entry_id{};
    const absl::Status status =
        scan<NameRow>(store.sql.names_after, &Store::name_row, set_key, sum(Table::kName),
                      [&](const NameRow& row, const WideTag& hash) -> absl::Status {
                        if (core == nullptr) return absl::OkStatus();
                        if (entry == nullptr || entry_id != row.collection) {
                          const auto found = by_id.find(row.collection);
                          if (found == by_id.end())
                            return damaged("a name has lost its collection");
                          entry = found->second;
                          entry_id = row.collection;
                        }
                        ++entry->names;
                        if (row.live) ++entry->live;
                        return keep(row, hash);
                      });
    if (!status.ok()) return status;
  }
  {
    StatementUse use(store.sql.items_after);
    use->bind(1, Bytes()).bind(2, std::int64_t{0}).bind(3, kNoLimit);
    if (const absl::Status status = scan<ItemRow>(store.sql.items_after, &Store::item_row, set_key,
                                                  sum(Table::kItem), keep);
        !status.ok()) {
      return status;
    }
  }
  {
    StatementUse use(store.sql.policies_after);
    use->bind(1, Bytes()).bind(2, std::int64_t{-1}).bind(3, kNoLimit);
    if (const absl::Status status = scan<PolicyRow>(store.sql.policies_after, &Store::policy_row,
                                                    set_key, sum(Table::kPolicy), keep);
        !status.ok()) {
      return status;
    }
  }
  StatementUse use(store.sql.attributes_after);
  use->bind(1, Bytes()).bind(2, Bytes()).bind(3, kNoLimit);
  const absl::Status status = scan<AttributeRow>(
      store.sql.attributes_after, &Store::attribute_row, set_key, sum(Table::kAttribute),
      [&](const AttributeRow& row, const WideTag&) {
        if (core != nullptr) {
          const std::uint64_t key = map_key(core->session_key, row.tag);
          core->attribute_counts.put(key, core->attribute_counts.find(key).value_or(0) + 1);
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return sums;
}

absl::Status Vault::Core::load() {
  rows.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(state.sum(Table::kName).count +
                                                                    state.sum(Table::kItem).count +
                                                                    state.sum(Table::kPolicy).count,
                                                                kMaxReserve)));
  const absl::StatusOr<std::array<RowSum, kTables>> found = scan_rows(store, set_key, this);
  if (!found.ok()) return found.status();
  static constexpr std::array<const char*, kTables> kNames{"names",       "items",    "attributes",
                                                           "collections", "policies", "slots"};
  for (std::size_t i = 0; i < kTables; ++i) {
    const RowSum& want = state.sums[i];
    const RowSum& have = (*found)[i];
    if (want == have) continue;
    std::string what = "the vault's ";
    what += kNames[i];
    what += " were changed behind its back";
    if (want.count != have.count) {
      what += " (" + std::to_string(have.count) + " rows where " + std::to_string(want.count) +
              " were written)";
    }
    return damaged(what);
  }
  return absl::OkStatus();
}

absl::Status Vault::Core::judge_anchor_file() {
  const absl::StatusOr<std::optional<std::string>> content =
      read_small_file(locked.place.anchor_file, 4096);
  if (!content.ok() && reason_of(content.status()) != Reason::kVaultDamaged) {
    return content.status();
  }
  if (content.ok() && !*content) {
    first_use = true;
    return absl::OkStatus();
  }
  const KeyBytes anchor_key = subkey(root, Subkey::kAnchor);
  if (content.ok()) found_anchor = decode_anchor(bytes_of(**content), anchor_key);
  if (!found_anchor) {
    read_only = Reason::kFork;
    read_only_message =
        "the anchor `" + locked.place.anchor_file +
        "` is damaged or belongs to another vault, so an old copy cannot be ruled out; the vault "
        "can be read; if it is the right one, run `tacit vault accept-rollback`";
    return absl::OkStatus();
  }
  const Digest digest = state_digest(committed, anchor_key);
  switch (tacit::judge_anchor(*found_anchor, vault_id, state, digest)) {
    case AnchorVerdict::kFits:
      // An anchor of this very state is not among those it remembers; the next state must.
      for (const AnchorEntry& entry : found_anchor->entries) {
        if (entry.epoch != state.epoch || entry.digest != digest) continue;
        anchored_epoch = state.epoch;
        state.remember({entry.epoch, entry.digest});
      }
      return absl::OkStatus();
    case AnchorVerdict::kRollback:
      read_only = Reason::kRollback;
      read_only_message =
          "this vault is older than what this machine has seen: an old copy was put back; it can "
          "be read; if that was on purpose, run `tacit vault accept-rollback`";
      return absl::OkStatus();
    case AnchorVerdict::kFork:
      read_only = Reason::kFork;
      read_only_message =
          "this vault and this machine's anchor have gone separate ways: it was changed on another "
          "machine from an older copy, or put back; it can be read; if it is the right one, run "
          "`tacit vault accept-rollback`";
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace tacit
