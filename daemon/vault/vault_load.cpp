// Unlocking: every row against the sums in the state, then the anchor.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::int64_t kNoLimit = -1;
constexpr std::size_t kMaxReserve = std::size_t{1} << 28;

}  // namespace

template <class Row>
absl::Status RowScan::keep(const Row& row, const WideTag& hash) {
  if (core_ != nullptr) core_->rows.put(map_key(core_->session_key, row), fingerprint(hash));
  return absl::OkStatus();
}

template <class Row, class Each>
absl::StatusOr<std::size_t> RowScan::scan(Table table, std::optional<Row> (*parse)(Statement&),
                                          std::size_t limit, Each each) {
  return each_row(*statement_, parse, limit, [&](const Row& row) {
    const WideTag hash = row_hash(set_key_, row);
    sum(table).add(hash);
    return each(row, hash);
  });
}

void RowScan::start(Phase phase) {
  phase_ = phase;
  use_.reset();
  Statement* const statements[] = {nullptr,
                                   &store_.sql.collections_all,
                                   &store_.sql.names_after,
                                   &store_.sql.items_after,
                                   &store_.sql.policies_after,
                                   &store_.sql.attributes_after,
                                   nullptr};
  statement_ = statements[static_cast<std::size_t>(phase)];
  if (statement_ == nullptr) return;
  use_.emplace(*statement_);
  if (phase == Phase::kCollections) return;
  // From before every key: an empty blob, or the number below the first.
  statement_->bind(1, Bytes()).bind(3, kNoLimit);
  if (phase == Phase::kItems || phase == Phase::kPolicies) {
    statement_->bind(2, std::int64_t{-1});
  } else {
    statement_->bind(2, Bytes());
  }
}

absl::StatusOr<bool> RowScan::step(std::size_t limit) {
  absl::StatusOr<std::size_t> count = 0;
  switch (phase_) {
    case Phase::kSlots:
      if (absl::Status status = add_slots(); !status.ok()) return status;
      break;
    // Before the names, which are counted by them.
    case Phase::kCollections:
      count = scan<CollectionRow>(
          Table::kCollection, &Store::collection_row, limit,
          [this](const auto& row, const auto& hash) { return add_collection(row, hash); });
      break;
    case Phase::kNames:
      count =
          scan<NameRow>(Table::kName, &Store::name_row, limit,
                        [this](const auto& row, const auto& hash) { return add_name(row, hash); });
      break;
    case Phase::kItems:
      count = scan<ItemRow>(Table::kItem, &Store::item_row, limit,
                            [this](const auto& row, const auto& hash) { return keep(row, hash); });
      break;
    case Phase::kPolicies:
      count =
          scan<PolicyRow>(Table::kPolicy, &Store::policy_row, limit,
                          [this](const auto& row, const auto& hash) { return keep(row, hash); });
      break;
    case Phase::kAttributes:
      count =
          scan<AttributeRow>(Table::kAttribute, &Store::attribute_row, limit,
                             [this](const auto& row, const auto&) { return add_attribute(row); });
      break;
    case Phase::kDone:
      return true;
  }
  if (!count.ok()) return count.status();
  if (*count < limit) start(static_cast<Phase>(static_cast<int>(phase_) + 1));
  return phase_ == Phase::kDone;
}

absl::Status RowScan::add_slots() {
  const absl::StatusOr<std::vector<Slot>> slots = store_.read_slots();
  if (!slots.ok()) return slots.status();
  for (const Slot& slot : *slots) sum(Table::kSlot).add(row_hash(set_key_, slot));
  return absl::OkStatus();
}

absl::Status RowScan::add_collection(const CollectionRow& row, const WideTag& hash) {
  if (core_ == nullptr) return absl::OkStatus();
  const KeyBytes* key = core_->ring.find(row.term);
  if (key == nullptr) return damaged("a collection's key is missing");
  const auto aad =
      row_aad(core_->vault_id,
              {.part = RowPart::kCollection, .term = row.term, .subject = row.id, .tag = row.tag});
  std::optional<SecretBytes> plain = open_box(*key, aad, row.sealed);
  if (!plain) return damaged("a collection of the vault was changed");
  std::optional<CollectionRecord> record = decode_collection(*std::move(plain));
  if (!record || core_->collection_tag(record->name) != row.tag) {
    return damaged("a collection of the vault is malformed");
  }
  const auto [entry, is_new] = core_->collections.emplace(
      record->name, CollectionEntry{row.id, row.tag, hash, record->inherits_from, 0, 0});
  if (!is_new || !core_->collection_names.emplace(row.id, record->name).second) {
    return damaged("a collection of the vault is there twice");
  }
  by_id_[row.id] = &entry->second;
  return absl::OkStatus();
}

absl::Status RowScan::add_name(const NameRow& row, const WideTag& hash) {
  if (core_ == nullptr) return absl::OkStatus();
  if (entry_ == nullptr || entry_id_ != row.collection) {
    const auto found = by_id_.find(row.collection);
    if (found == by_id_.end()) return damaged("a name has lost its collection");
    entry_ = found->second;
    entry_id_ = row.collection;
  }
  ++entry_->names;
  if (row.live) ++entry_->live;
  return keep(row, hash);
}

absl::Status RowScan::add_attribute(const AttributeRow& row) {
  if (core_ == nullptr) return absl::OkStatus();
  const std::uint64_t key = map_key(core_->session_key, row.tag);
  core_->attribute_counts.put(key, core_->attribute_counts.find(key).value_or(0) + 1);
  return absl::OkStatus();
}

absl::Status Vault::Core::load() {
  rows.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(state.sum(Table::kName).count +
                                                                    state.sum(Table::kItem).count +
                                                                    state.sum(Table::kPolicy).count,
                                                                kMaxReserve)));
  RowScan scan(store, set_key, this);
  for (;;) {
    const absl::StatusOr<bool> all = scan.step(SIZE_MAX);
    if (!all.ok()) return all.status();
    if (*all) break;
  }
  static constexpr std::array<const char*, kTables> kNames{"names",       "items",    "attributes",
                                                           "collections", "policies", "slots"};
  for (std::size_t i = 0; i < kTables; ++i) {
    const RowSum& want = state.sums[i];
    const RowSum& have = scan.sums()[i];
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
  if (content.ok()) found_anchors = decode_anchors(bytes_of(**content), anchor_key);
  if (found_anchors.empty()) {
    read_only = Reason::kFork;
    read_only_message =
        "the anchor `" + locked.place.anchor_file +
        "` is damaged or belongs to another vault, so an old copy cannot be ruled out; the vault "
        "can be read; if it is the right one, run `tacit vault accept-rollback`";
    return absl::OkStatus();
  }
  const Digest digest = state_digest(committed, anchor_key);
  switch (judge_anchors(found_anchors, vault_id, state, digest)) {
    case AnchorVerdict::kFits:
      // An anchor of this very state is not among those it remembers; the next state must.
      for (const Anchor& anchor : found_anchors) {
        if (anchor.epoch != state.epoch || anchor.digest != digest) continue;
        // One beside others is left from a replacement: it is written again, alone.
        if (content->value().size() == kAnchorBytes) anchored_epoch = state.epoch;
        state.remember({anchor.epoch, anchor.digest});
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
