// Verification in slices: the audit chain, then every row of names, items and attributes opened
// and compared with what belongs to it.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/codec.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxSlice = 1 << 20;

enum Phase : std::uint8_t { kAudit = 0, kNames = 1, kItems = 2, kValues = 3, kAttributes = 4 };

/// One slice. What is wrong with the vault is a finding; an error ends the verification.
class Verification {
 public:
  Verification(Vault& vault, Vault::Core& core, Vault::VerifyState& state, std::size_t limit)
      : vault_(vault),
        core_(core),
        state_(state),
        cursor_(state.cursor),
        key_(state.cursor.after),
        limit_(limit) {}

  absl::Status run() {
    if (!cursor_.started) {
      cursor_.started = true;
      cursor_.changes = core_.state.epoch;
    }
    switch (cursor_.phase) {
      case kAudit:
        return audit();
      case kNames:
        return names();
      case kItems:
        return items();
      case kValues:
        return values();
      default:
        return attributes();
    }
  }

  std::vector<Vault::Finding> findings;

 private:
  void add(const absl::Status& status, std::optional<ItemName> where = std::nullopt) {
    findings.push_back({reason_of(status), std::string(status.message()), std::move(where)});
  }

  absl::Status audit() {
    const std::uint64_t before = std::max(state_.audit.next, core_.state.audit.first);
    const absl::Status walked = vault_.verify_audit(state_.audit, limit_);
    state_.rows_done += state_.audit.next - before;
    if (!walked.ok()) add(walked);
    if (!walked.ok() || state_.audit.done) cursor_.phase = kNames;
    return absl::OkStatus();
  }

  /// The rows after the cursor, each handed to `check`, which gives what is wrong with it and
  /// moves the cursor.
  template <class Row, class Check>
  absl::Status rows(Table table, StatementUse& use, std::optional<Row> (*parse)(Statement&),
                    Check check) {
    const absl::StatusOr<std::size_t> got =
        each_row(*use.operator->(), parse, limit_, [&](const Row& row) {
          ++cursor_.seen;
          ++state_.rows_done;
          check(row);
          return absl::OkStatus();
        });
    if (!got.ok()) return got.status();
    if (*got == limit_) return absl::OkStatus();
    // Rows taken away show in the counts, which mean nothing once the vault has changed.
    if (cursor_.changes == core_.state.epoch && cursor_.seen != core_.state.sum(table).count) {
      add(damaged("rows of the vault were taken away or added"));
    }
    next_phase();
    return absl::OkStatus();
  }

  void next_phase() {
    cursor_.seen = 0;
    cursor_.after = {};
    if (cursor_.phase == kAttributes) {
      cursor_.done = true;
    } else {
      ++cursor_.phase;
    }
  }

  /// A part of the cursor's key as it was when the slice began: bound values are not copied. The
  /// first slice begins before every key.
  Bytes after(std::size_t offset, std::size_t size) const {
    return cursor_.seen == 0 ? Bytes() : Bytes(key_).subspan(offset, size);
  }
  std::int64_t version_after() const {
    std::uint64_t version = 0;
    for (std::size_t i = 0; i < 8; ++i) version |= std::uint64_t{key_[16 + i]} << (8 * i);
    return static_cast<std::int64_t>(version);
  }
  void move_to(const ItemRow& row) {
    FieldWriter out(cursor_.after);
    out.raw(row.item);
    out.u64(row.version);
  }
  void move_to(Bytes first, Bytes second) {
    FieldWriter out(cursor_.after);
    out.raw(first);
    out.raw(second);
  }

  absl::Status names() {
    StatementUse use(core_.store.sql.names_after);
    use->bind(1, after(0, 16)).bind(2, after(16, 32)).bind(3, static_cast<std::int64_t>(limit_));
    return rows<NameRow>(Table::kName, use, &Store::name_row, [this](const NameRow& row) {
      move_to(row.collection, row.tag);
      absl::Status status = core_.verify(row).status();
      std::optional<ItemName> where;
      const absl::StatusOr<std::string> name = core_.open_name(row);
      if (name.ok()) {
        where = ItemName{std::string(core_.collection_name(row.collection)), *name};
        if (status.ok() && core_.name_tag(row.collection, *name) != row.tag) {
          status = damaged("a name lies under another name's tag");
        }
      } else if (status.ok()) {
        status = name.status();
      }
      if (status.ok()) {
        const absl::StatusOr<KnownVersion> newest = core_.newest_version(row.item);
        status = newest.status();
        if (newest.ok() && newest->record.deleted == row.live) {
          status = damaged("an item is deleted and not deleted at once");
        }
      }
      if (!status.ok()) add(status, where);
    });
  }

  absl::Status items() {
    StatementUse use(core_.store.sql.items_after);
    use->bind(1, after(0, 16)).bind(2, version_after()).bind(3, static_cast<std::int64_t>(limit_));
    return rows<ItemRow>(Table::kItem, use, &Store::item_row, [this](const ItemRow& row) {
      move_to(row);
      const absl::StatusOr<KnownVersion> opened = core_.open_version(row);
      absl::Status status = opened.status();
      if (opened.ok() && !opened->record.deleted) status = core_.open_value(*opened).status();
      if (status.ok()) return;
      std::string name;
      std::optional<ItemName> where;
      if (const auto known = core_.name_of_item(row.item, name); known.ok()) {
        where = ItemName{std::string(core_.collection_name(known->row.collection)), name};
      }
      add(status, where);
    });
  }

  /// The sums do not count values, which their items bind: one without an item is read by nobody.
  absl::Status values() {
    StatementUse use(core_.store.sql.values_after);
    use->bind(1, after(0, 16)).bind(2, version_after()).bind(3, static_cast<std::int64_t>(limit_));
    const absl::StatusOr<std::size_t> got =
        each_row(*use.operator->(), &Store::value_key, limit_, [this](const ItemRow& row) {
          ++cursor_.seen;
          move_to(row);
          if (!core_.should_exist(row)) add(damaged("a value was added that belongs to no item"));
          return absl::OkStatus();
        });
    if (!got.ok()) return got.status();
    if (*got < limit_) next_phase();
    return absl::OkStatus();
  }

  absl::Status attributes() {
    StatementUse use(core_.store.sql.attributes_after);
    use->bind(1, after(0, 32)).bind(2, after(32, 16)).bind(3, static_cast<std::int64_t>(limit_));
    return rows<AttributeRow>(
        Table::kAttribute, use, &Store::attribute_row, [this](const AttributeRow& row) {
          move_to(row.tag, row.item);
          const absl::StatusOr<KnownVersion> newest = core_.newest_version(row.item);
          absl::Status status = newest.status();
          if (newest.ok() && std::none_of(newest->record.attributes.begin(),
                                          newest->record.attributes.end(), [&](const auto& pair) {
                                            return core_.attribute_tag(pair.first, pair.second) ==
                                                   row.tag;
                                          })) {
            status = damaged("an attribute leads to an item that lacks it");
          }
          if (!status.ok()) add(status);
        });
  }

  Vault& vault_;
  Vault::Core& core_;
  Vault::VerifyState& state_;
  Vault::Cursor& cursor_;
  const std::array<unsigned char, 48> key_;
  const std::size_t limit_;
};

}  // namespace

absl::StatusOr<std::vector<Vault::Finding>> Vault::verify(VerifyState& state, std::size_t limit) {
  const AuditChain& chain = core_->state.audit;
  state.rows_total = core_->state.sum(Table::kName).count + core_->state.sum(Table::kItem).count +
                     core_->state.sum(Table::kAttribute).count + (chain.next - chain.first);
  if (state.cursor.done) return std::vector<Finding>();
  if (absl::Status same = core_->check_walk(state.cursor); !same.ok()) return same;
  const Store::Reading reading(core_->store);
  Verification slice(*this, *core_, state, std::clamp<std::size_t>(limit, 1, kMaxSlice));
  if (absl::Status status = slice.run(); !status.ok()) return status;
  return std::move(slice.findings);
}

}  // namespace tacit
