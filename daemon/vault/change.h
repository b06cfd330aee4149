// One transaction: rows written, sums carried along, the state sealed with them; what RAM knows
// of the rows changes only once the commit has succeeded.
#pragma once
#include <functional>
#include <vector>

#include "daemon/vault/vault_core.h"

namespace tacit {

/// Rolled back when destroyed uncommitted. Nothing in RAM has changed then.
class Change {
 public:
  explicit Change(Vault::Core& core) : core_(core), state_(core.state) {}
  ~Change();
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  absl::Status begin();
  absl::Status commit();

  template <class Row>
  absl::Status insert(const Row& row) {
    if (absl::Status status = core_.store.insert(row); !status.ok()) return status;
    count_in(row, row_hash(core_.set_key, row));
    return absl::OkStatus();
  }
  /// `old_hash` is of the row as it was verified.
  template <class Row>
  absl::Status update(const Row& row, const WideTag& old_hash) {
    if (absl::Status status = core_.store.update(row); !status.ok()) return status;
    state_.sum(table_of(row)).subtract(old_hash);
    count_in(row, row_hash(core_.set_key, row));
    return absl::OkStatus();
  }
  template <class Row>
  absl::Status erase(const Row& row, const WideTag& old_hash) {
    if (absl::Status status = core_.store.erase(row); !status.ok()) return status;
    state_.sum(table_of(row)).subtract(old_hash);
    forget(row);
    return absl::OkStatus();
  }
  absl::Status insert_slot(const Slot& slot);
  absl::Status erase_slot(const Slot& slot);
  /// Seals the ring and takes the header's MAC anew, over `slots`.
  absl::Status write_header(const Header& header, const KeyRing& ring, std::span<const Slot> slots);

  /// The collection's id; makes the collection if there is none of that name.
  absl::StatusOr<CollectionId> collection(std::string_view name);
  /// Drops a collection that lost its last name, unless a policy, a record of its own or an heir
  /// other than `but_for` holds on to it.
  absl::Status drop_if_empty(const CollectionId& id, std::string_view but_for = {});
  /// Seals a collection's row anew, under a new name or with another parent.
  absl::Status rewrite_collection(const std::string& name, const std::string& new_name,
                                  const std::optional<CollectionId>& parent);
  /// The row of a collection whose names and records are gone.
  absl::Status drop_collection(const std::string& name);
  /// Every record of a subject.
  absl::Status drop_policies(const Vault::SubjectId& subject);
  /// Writes the rows of a version: item, value (none for a deletion), attributes of a live one.
  absl::Status add_version(const ItemId& item, std::uint64_t version, const VersionRecord& record,
                           const SecretBytes* value);
  absl::Status add_attributes(const ItemId& item, const Attributes& attributes);
  absl::Status drop_attributes(const ItemId& item, const Attributes& attributes);
  /// Value and version; not the attributes.
  absl::Status drop_version(const KnownVersion& version);
  absl::Status add_name(const CollectionId& collection, const Tag& tag, const ItemId& item,
                        bool live, std::string_view name);
  absl::Status set_live(const KnownName& known, bool live, std::string_view name);
  absl::Status drop_name(const KnownName& known);
  /// Takes away the version that falls out of the history when `newest` comes in.
  absl::Status prune(const ItemId& item, std::uint64_t newest);
  /// A deletion that keeps the history, as a new version.
  absl::Status bury(const KnownName& known, std::string_view name, const KnownVersion& newest);
  absl::Status put_policy(const Vault::PolicyChange& change);
  absl::Status put_policies(std::span<const Vault::PolicyChange> changes);
  /// To the end of the audit log's chain. Error: kInvalidArgument, longer than 64 KiB.
  absl::Status append_audit(const SecretBytes& body);
  /// Every row of an item, its name and policies too. Its collection is the caller's to drop.
  absl::Status purge(const KnownName& known);

  StateData& state() { return state_; }
  /// Run after the commit, on the vault thread.
  void then(std::function<void()> action) { after_commit_.push_back(std::move(action)); }

 private:
  struct MapChange {
    RowMap* map;
    std::uint64_t key;
    std::uint32_t fingerprint;
    int step;  ///< fingerprints: 1 put, -1 erase; counts: what is added
  };
  template <class Row>
  void count_in(const Row& row, const WideTag& hash) {
    state_.sum(table_of(row)).add(hash);
    remember(row, hash);
  }
  template <class Row>
  void remember(const Row& row, const WideTag& hash) {
    map_changes_.push_back({&core_.rows, map_key(core_.session_key, row), fingerprint(hash), 1});
  }
  template <class Row>
  void forget(const Row& row) {
    map_changes_.push_back({&core_.rows, map_key(core_.session_key, row), 0, -1});
  }
  void remember(const CollectionRow&, const WideTag&) {}
  void forget(const CollectionRow&) {}
  void remember(const AttributeRow& row, const WideTag&) { count_attribute(row, 1); }
  void forget(const AttributeRow& row) { count_attribute(row, -1); }
  void count_attribute(const AttributeRow& row, int step);
  void add_names(const CollectionId& id, int names, int live);
  void apply_to_memory();

  Vault::Core& core_;
  StateData state_;
  std::vector<MapChange> map_changes_;
  std::vector<std::function<void()>> after_commit_;
  /// Collections made in this transaction, and what it adds to each one's counts.
  struct CollectionChange {
    CollectionId id{};
    std::int64_t names = 0;
    std::int64_t live = 0;
    std::optional<std::pair<std::string, CollectionEntry>> made;
    bool dropped = false;
  };
  CollectionChange& collection_change(const CollectionId& id);
  std::vector<CollectionChange> collection_changes_;
  std::vector<Vault::SubjectId> unguarded_;  ///< whose policy this transaction drops
  std::uint64_t name_changes_ = 0;
  std::uint64_t attribute_changes_ = 0;
  bool open_ = false;
};

}  // namespace tacit
