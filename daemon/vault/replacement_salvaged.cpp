// What a damaged vault still holds, in a new file. Each row is authentic by its own seal; that none
// is missing or older than it should be only the sums say, which may be damaged themselves.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/leftovers.h"
#include "daemon/vault/passing_vault.h"
#include "daemon/vault/replacement.h"
#include "daemon/vault/row_writer.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/vault_file.h"

namespace tacit {
namespace {

constexpr std::uint64_t kTellEvery = 256;
constexpr std::string_view kOrphans = "salvaged";

/// A table's rows in the order of its key, and against it.
struct Walks {
  const char* up;
  const char* down;
  const char* what;
};
constexpr Walks kNames{
    "SELECT collection, tag, item, live, term, sealed FROM name ORDER BY collection, tag",
    "SELECT collection, tag, item, live, term, sealed FROM name "
    "ORDER BY collection DESC, tag DESC",
    "names"};
constexpr Walks kItems{
    "SELECT item, version, term, nonce, mac, sealed FROM item ORDER BY item, version",
    "SELECT item, version, term, nonce, mac, sealed FROM item ORDER BY item DESC, version DESC",
    "items"};
constexpr Walks kCollections{"SELECT tag, id, term, sealed FROM collection ORDER BY tag",
                             "SELECT tag, id, term, sealed FROM collection ORDER BY tag DESC",
                             "collections"};
constexpr Walks kPolicies{
    "SELECT subject, version, term, sealed FROM policy ORDER BY subject, version",
    "SELECT subject, version, term, sealed FROM policy ORDER BY subject DESC, version DESC",
    "policies"};

using Key = std::pair<std::vector<unsigned char>, std::uint64_t>;
Key key_of(Bytes first, Bytes second, std::uint64_t number) {
  Key key{{first.begin(), first.end()}, number};
  key.first.insert(key.first.end(), second.begin(), second.end());
  return key;
}
Key key_of(const NameRow& row) { return key_of(row.collection, row.tag, 0); }
Key key_of(const ItemRow& row) { return key_of(row.item, {}, row.version); }
Key key_of(const CollectionRow& row) { return key_of(row.tag, {}, 0); }
Key key_of(const PolicyRow& row) { return key_of(row.subject, {}, row.version); }

/// Where it stands beside what this machine's anchor says.
struct Standing {
  bool behind = false;      ///< or apart: not the state that the anchor knows
  std::uint64_t epoch = 0;  ///< the latest that the anchor knows
};

class Salvaging {
 public:
  Salvaging(Vault::Core& from, Vault::Core& to, std::optional<StateData> state,
            const Tightening& tightening, Salvage& report, const Steps& steps)
      : from_(from),
        writer_(to),
        state_(std::move(state)),
        tightening_(tightening),
        report_(report),
        steps_(steps) {
    if (!state_)
      lose(
          "what the vault must add up to is damaged: rows that are missing or old ones "
          "cannot be told");
    for (const Table table : {Table::kName, Table::kItem}) {
      if (state_) total_ += state_->sum(table).count;
    }
  }

  absl::Status run(const Standing& standing) {
    behind_ = standing.behind;
    if (behind_) {
      lose(
          "it is not the vault that this machine last saw: it may be an old one that was put back");
    }
    for (const auto step : {&Salvaging::collections, &Salvaging::names, &Salvaging::orphans,
                            &Salvaging::policies, &Salvaging::audit}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    if (state_ && state_->sum(Table::kItem).count != report_.versions) {
      lose("of " + std::to_string(state_->sum(Table::kItem).count) + " versions of items " +
           std::to_string(report_.versions) + " were kept");
    }
    return writer_.finish(std::max(standing.epoch, state_ ? state_->epoch : 0) + 1);
  }

 private:
  struct Kept {
    KnownVersion known;
    SecretBytes value;
  };

  void lose(std::string message, std::optional<ItemName> where = std::nullopt) {
    ++report_.lost;
    if (report_.losses.size() < Salvage::kMostLosses) {
      report_.losses.push_back({std::move(message), std::move(where)});
    }
  }

  /// Hands over each row once that SQLite gets to from either end of the table. An error of `each`
  /// ends it; what cannot be read is a loss.
  template <class Row, class Each>
  absl::Status reachable(const Walks& walks, std::optional<Row> (*parse)(Statement&), Each each) {
    std::optional<Key> last;
    absl::Status failed;
    const auto walk = [&](const char* sql, bool down) -> bool {
      absl::StatusOr<Statement> statement =
          Statement::prepare(from_.store.connection(), std::string_view(sql));
      if (!statement.ok()) return false;
      for (;;) {
        const absl::StatusOr<bool> found = statement->step();
        if (!found.ok()) return false;
        if (!*found) return true;
        const std::optional<Row> row = parse(*statement);
        if (!row) {
          if (!down) lose(std::string("a row of the ") + walks.what + " is malformed");
          continue;
        }
        Key key = key_of(*row);
        if (down && last && key <= *last) return true;
        if (!down) last = std::move(key);
        if (failed = each(*row); !failed.ok()) return true;
        if (++done_ % kTellEvery == 0) failed = steps_(done_, std::max(total_, done_));
        if (!failed.ok()) return true;
      }
    };
    if (!walk(walks.up, false)) {
      lose(std::string("a part of the ") + walks.what + " cannot be read");
      walk(walks.down, true);
    }
    return failed;
  }

  absl::Status collections() {
    return reachable<CollectionRow>(
        kCollections, &Store::collection_row, [this](const CollectionRow& row) -> absl::Status {
          const KeyBytes* key = from_.ring.find(row.term);
          std::optional<SecretBytes> plain;
          if (key != nullptr) {
            plain = open_box(*key,
                             row_aad(from_.vault_id, {.part = RowPart::kCollection,
                                                      .term = row.term,
                                                      .subject = row.id,
                                                      .tag = row.tag}),
                             row.sealed);
          }
          std::optional<CollectionRecord> record;
          if (plain) record = decode_collection(*std::move(plain));
          if (!record || from_.collection_tag(record->name) != row.tag) {
            lose("a collection's name was changed; its items are in one called `" +
                 name_for(row.id) + "`");
            return absl::OkStatus();
          }
          return add_collection(row.id, *std::move(record));
        });
  }

  static std::string name_for(const CollectionId& id) {
    return std::string(kOrphans) + "-" + hex_of(id);
  }

  absl::Status add_collection(const CollectionId& id, CollectionRecord record) {
    if (!names_.emplace(record.name, id).second || !known_.emplace(id, record.name).second) {
      lose("a collection is there twice", ItemName{record.name, ""});
      return absl::OkStatus();
    }
    return writer_.collection(id, record);
  }

  /// The item's versions from the newest that is whole to the first gap.
  std::vector<Kept> versions(const ItemId& item, const ItemName& where) {
    std::vector<Kept> out;
    std::uint64_t newest = 0;
    StatementUse use(from_.store.sql.versions_of_item);
    use->bind(1, item);
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) {
        lose("older versions of it cannot be read", where);
        break;
      }
      if (!*found) break;
      const std::optional<ItemRow> row = Store::item_row(from_.store.sql.versions_of_item);
      if (!row || row->item != item) {
        lose("a version of it is malformed", where);
        continue;
      }
      newest = std::max(newest, row->version);
      if (!out.empty() && row->version + 1 != out.back().known.version) {
        lose("versions up to " + std::to_string(row->version) + " are lost with those after them",
             where);
        break;
      }
      absl::StatusOr<KnownVersion> version = from_.open_version(*row);
      absl::Status status = version.status();
      absl::StatusOr<SecretBytes> value = SecretBytes();
      if (status.ok() && !version->record.deleted) value = from_.open_value(*version);
      if (status.ok()) status = value.status();
      if (!status.ok()) {
        lose("version " + std::to_string(row->version) + " was changed or lost its value", where);
        continue;
      }
      out.push_back({*std::move(version), *std::move(value)});
    }
    if (!out.empty() && out.front().known.version != newest) {
      lose("version " + std::to_string(out.front().known.version) + " is the newest of it now",
           where);
    }
    return out;
  }

  absl::Status keep(const CollectionId& collection, const ItemId& item, const ItemName& where,
                    const std::vector<Kept>& versions) {
    const bool live = !versions.front().known.record.deleted;
    absl::Status status = writer_.name(collection, item, live, where.name);
    for (const Kept& each : versions) {
      if (!status.ok()) return status;
      status = writer_.version(item, each.known.version, each.known.record,
                               each.known.record.deleted ? nullptr : &each.value);
    }
    if (status.ok() && live) {
      status = writer_.attributes(item, versions.front().known.record.attributes);
    }
    ++report_.items;
    report_.versions += versions.size();
    return status;
  }

  absl::Status names() {
    return reachable<NameRow>(kNames, &Store::name_row,
                              [this](const NameRow& row) { return name(row); });
  }

  absl::Status name(const NameRow& row) {
    const absl::StatusOr<std::string> name = from_.open_name(row);
    if (!name.ok() || from_.name_tag(row.collection, *name) != row.tag) {
      lose("an item's name was changed; if it is whole it is in the collection `" +
           std::string(kOrphans) + "`");
      return absl::OkStatus();
    }
    if (!known_.contains(row.collection)) {
      if (absl::Status status =
              add_collection(row.collection, {std::nullopt, name_for(row.collection)});
          !status.ok()) {
        return status;
      }
    }
    const ItemName where{known_.at(row.collection), *name};
    if (!items_.insert(row.item).second) {
      lose("it has a second name", where);
      return absl::OkStatus();
    }
    const std::vector<Kept> versions = this->versions(row.item, where);
    if (versions.empty()) {
      lose("nothing of it could be read", where);
      return absl::OkStatus();
    }
    if (versions.front().known.record.deleted == row.live) {
      lose("whether it was deleted is in doubt", where);
    }
    return keep(row.collection, row.item, where, versions);
  }

  absl::Status orphans() {
    return reachable<ItemRow>(kItems, &Store::item_row, [this](const ItemRow& row) {
      return items_.insert(row.item).second ? orphan(row.item) : absl::OkStatus();
    });
  }

  absl::Status orphan(const ItemId& item) {
    const ItemName where{std::string(kOrphans), hex_of(item)};
    const std::vector<Kept> versions = this->versions(item, where);
    if (versions.empty()) return absl::OkStatus();
    if (!names_.contains(where.collection)) {
      CollectionId id;
      random_bytes(id);
      if (absl::Status status = add_collection(id, {std::nullopt, where.collection});
          !status.ok()) {
        return status;
      }
    }
    lose("an item has lost its name", where);
    return keep(names_.at(where.collection), item, where, versions);
  }

  absl::Status policies() {
    RowSum sum;
    std::map<Vault::SubjectId, SecretBytes> of_collections;
    std::vector<Vault::PolicyChange> others;
    const absl::Status walked = reachable<PolicyRow>(
        kPolicies, &Store::policy_row, [&](const PolicyRow& row) -> absl::Status {
          absl::StatusOr<SecretBytes> record = from_.open_policy(row);
          if (!record.ok()) return absl::OkStatus();
          sum.add(row_hash(from_.set_key, row));
          if (row.version == 0 && known_.contains(row.subject)) {
            of_collections.emplace(row.subject, *std::move(record));
          } else {
            others.push_back({row.subject, row.version, *std::move(record)});
          }
          return absl::OkStatus();
        });
    if (!walked.ok()) return walked;
    report_.policies_whole = !behind_ && state_ && state_->sum(Table::kPolicy) == sum;
    if (!report_.policies_whole) {
      lose(
          "rules of who may ask may be damaged, missing or old ones: every collection asks now, "
          "and "
          "grants are gone");
    }
    for (const Vault::PolicyChange& record : others) {
      if (!report_.policies_whole && !tightening_.stays(record)) continue;
      if (absl::Status status = writer_.policy(record); !status.ok()) return status;
    }
    for (const auto& [id, name] : known_) {
      const auto found = of_collections.find(id);
      const SecretBytes* record = found == of_collections.end() ? nullptr : &found->second;
      std::optional<SecretBytes> written;
      if (!report_.policies_whole) {
        written = tightening_.rule(record);
      } else if (record != nullptr) {
        written = record->clone();
      }
      if (!written) continue;
      if (absl::Status status = writer_.policy({id, 0, std::move(written)}); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status audit() {
    StatementUse use(from_.store.sql.audit_after);
    use->bind(1, INT64_MIN).bind(2, std::int64_t{-1});
    std::uint64_t expected = state_ ? state_->audit.first : 0;
    for (;;) {
      const absl::StatusOr<bool> found = use->step();
      if (!found.ok()) {
        lose("a part of the audit log cannot be read");
        return absl::OkStatus();
      }
      if (!*found) break;
      const std::uint64_t sequence = static_cast<std::uint64_t>(use->integer(0));
      const absl::StatusOr<Vault::AuditRecord> record = from_.open_audit(sequence, use->blob(1));
      if (!use->well_typed() || !record.ok()) {
        lose("record " + std::to_string(sequence) + " of the audit log was changed");
        continue;
      }
      if (expected != 0 && sequence != expected) {
        lose("the audit log has a gap before record " + std::to_string(sequence));
      }
      expected = sequence + 1;
      if (absl::Status status = writer_.audit(sequence, record->body); !status.ok()) return status;
    }
    if (state_ && expected != state_->audit.next) lose("the end of the audit log is missing");
    return absl::OkStatus();
  }

  Vault::Core& from_;
  RowWriter writer_;
  const std::optional<StateData> state_;
  const Tightening& tightening_;
  Salvage& report_;
  const Steps& steps_;
  bool behind_ = false;
  std::map<CollectionId, std::string> known_;
  std::map<std::string, CollectionId, std::less<>> names_;
  std::set<ItemId> items_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

/// The damaged vault, as far as it must be whole: header, ring of data keys.
absl::StatusOr<PassingVault> open_damaged(const VaultPlace& place, const Clock& clock,
                                          const std::string& copy, const KeyBytes& root) {
  PassingVault out;
  out.file = std::make_unique<LockedVault::Impl>();
  LockedVault::Impl& file = *out.file;
  file.place = place;
  file.clock = clock;
  absl::StatusOr<std::unique_ptr<Store>> store = Store::open(copy, Store::Mode::kInspected);
  if (!store.ok()) return store.status();
  file.store = *std::move(store);
  absl::StatusOr<Store::HeaderRow> row = file.store->read_header();
  if (!row.ok()) return row.status();
  file.header_row = *std::move(row);
  const std::optional<Header> header = decode_header(file.header_row.body);
  if (!header) return damaged("the vault's header is malformed, and nothing opens without it");
  file.header = *header;
  absl::StatusOr<std::vector<Slot>> slots = file.store->read_slots(Store::Malformed::kLeftOut);
  if (!slots.ok()) return slots.status();
  file.slots = *std::move(slots);
  auto core = std::make_unique<Vault::Core>(file, root.clone());
  core->salvaging = true;
  std::optional<KeyRing> ring =
      open_ring(file.header_row.ring, subkey(root, Subkey::kRing), core->vault_id);
  if (!ring) return damaged("the vault's data keys are damaged, and no row opens without them");
  core->ring = *std::move(ring);
  out.vault = Vault::Core::serve(std::move(core));
  return out;
}

std::optional<StateData> read_state(Vault::Core& core) {
  const auto sealed = core.store.read_state();
  if (!sealed.ok()) return std::nullopt;
  const std::optional<StateBytes> plain = open_state(*sealed, core.state_key, core.vault_id);
  return plain ? decode_state(*plain) : std::nullopt;
}

/// Those whose credentials the header vouches for; of a changed header only the one that opened it.
std::vector<Slot> trusted_slots(const LockedVault::Impl& file, const KeyBytes& root,
                                std::uint32_t opened, Salvage& report) {
  const Store::HeaderRow& row = file.header_row;
  report.slots_whole = same_bytes(header_mac(subkey(root, Subkey::kHeader), kApplicationId, kFormat,
                                             row.body, row.ring, file.slots),
                                  row.mac);
  std::vector<Slot> slots = file.slots;
  if (!report.slots_whole) {
    std::erase_if(slots, [opened](const Slot& slot) { return slot.index != opened; });
  }
  return slots;
}

Standing standing_of(const VaultPlace& place, const Vault::Core& core,
                     const std::optional<StateData>& state) {
  Standing out;
  const auto content = read_small_file(place.anchor_file, 4096);
  if (!content.ok() || !*content) return out;
  const KeyBytes key = subkey(core.root, Subkey::kAnchor);
  const std::vector<Anchor> anchors = decode_anchors(bytes_of(**content), key);
  for (const Anchor& anchor : anchors) out.epoch = std::max(out.epoch, anchor.epoch);
  if (state) {
    out.behind = judge_anchors(anchors, core.vault_id, *state,
                               state_digest(encode_state(*state), key)) != AnchorVerdict::kFits;
  }
  return out;
}

}  // namespace

absl::StatusOr<Replacement> Replacement::salvaged(const VaultPlace& place, const Clock& clock,
                                                  const std::string& copy, const KeyBytes& root,
                                                  std::uint32_t opened,
                                                  const Tightening& tightening, Salvage& report,
                                                  const Steps& steps) {
  absl::StatusOr<PassingVault> from = open_damaged(place, clock, copy, root);
  if (!from.ok()) return from.status();
  const std::vector<Slot> slots = trusted_slots(*from->file, root, opened, report);
  const std::string name = new_vault_file_name();
  Replacement out(place.dir + "/" + creating_name(name), name);
  absl::StatusOr<PassingVault> to =
      make_passing(place, clock, out.passing_, root, from->file->header, slots);
  if (!to.ok()) return to.status();
  std::optional<StateData> state = read_state(from->core());
  const Standing standing = standing_of(place, from->core(), state);
  Salvaging salvaging(from->core(), to->core(), std::move(state), tightening, report, steps);
  if (absl::Status status = salvaging.run(standing); !status.ok()) {
    return status;
  }
  const absl::StatusOr<AnchorBytes> anchor = close_filled(*std::move(to));
  if (!anchor.ok()) return anchor.status();
  out.anchor_.assign(anchor->begin(), anchor->end());
  return out;
}

}  // namespace tacit
