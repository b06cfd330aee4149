// Inside the unlocked vault: its keys, what it knows of every row, and how rows are read so
// that nothing unverified leaves. Used by the files vault_*.cpp alone.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/crypto/aead.h"
#include "daemon/vault/anchor.h"
#include "daemon/vault/header.h"
#include "daemon/vault/record.h"
#include "daemon/vault/row_hash.h"
#include "daemon/vault/row_map.h"
#include "daemon/vault/store.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// Subkeys of RK (FORMAT.md, "Keys").
enum class Subkey : std::uint64_t {
  kRing = 1,
  kName = 2,
  kCollection = 3,
  kAttribute = 4,
  kHeader = 5,
  kState = 6,
  kSet = 7,
  kAnchor = 8,
  kAudit = 9,
  kLog = 10,
};

inline KeyBytes subkey(const KeyBytes& root, Subkey id) {
  return root.subkey(static_cast<std::uint64_t>(id));
}

absl::Status damaged(std::string_view what);

/// What stays the same whether locked or not.
struct LockedVault::Impl {
  VaultPlace place;  ///< `dir` resolved
  Clock clock;
  std::shared_ptr<FileHandle> lock;  ///< of the folder; shared with what takes this one's place
  std::string read_only_copy;        ///< folder of the copy, removed at the end; usually empty
  FileHandle read_only_held;         ///< that folder, as one in use
  std::unique_ptr<Store> store;
  Header header;
  Store::HeaderRow header_row;
  std::vector<Slot> slots;
  /// The files that a write ends up in, as they were opened: database and WAL. None for a copy.
  struct KnownFile {
    std::string path;
    std::optional<FileIdentity> identity;
  };
  std::vector<KnownFile> files;
  std::optional<FileIdentity> current;  ///< likewise CURRENT

  ~Impl();
  /// To be called when `store` has been opened from the vault's own folder.
  void remember_files();
  /// kIoError if what was opened is no longer what the folder holds and CURRENT names: a write
  /// would succeed and never be seen again.
  absl::Status check_files() const;
};

std::vector<unsigned char> seal_state(const StateBytes& state, const KeyBytes& state_key,
                                      const VaultId& vault_id);
std::optional<StateBytes> open_state(Bytes sealed, const KeyBytes& state_key,
                                     const VaultId& vault_id);

/// A row as found and verified: its bytes are gone, its hash stays, to be taken out of the sum.
struct KnownName {
  NameRow row;  ///< `sealed` empty
  WideTag hash{};
};

/// One version, verified and opened.
struct KnownVersion {
  ItemId item{};
  std::uint64_t version = 0;
  std::uint32_t term = 0;
  Nonce nonce{};
  Mac mac{};
  WideTag hash{};
  VersionRecord record;
};

struct CollectionEntry {
  CollectionId id{};
  Tag tag{};
  WideTag hash{};
  std::optional<CollectionId> inherits_from;
  std::uint64_t names = 0;  ///< deleted items included
  std::uint64_t live = 0;
};

struct Vault::Core {
  explicit Core(LockedVault::Impl& locked_vault, KeyBytes root_key);

  LockedVault::Impl& locked;
  Store& store;
  const VaultId vault_id;
  KeyBytes root;
  KeyBytes name_key, collection_key, attribute_key, state_key, set_key, audit_key, log_key;
  KeyBytes session_key;               ///< of the maps' keys; random for each unlock
  std::array<unsigned char, 8> file;  ///< random for each unlock
  KeyRing ring;

  StateData state;         ///< with anchors that the next commit will remember
  StateBytes committed{};  ///< the state as last committed
  std::vector<unsigned char> committed_sealed;
  /// A commit failed: what it wrote may lie in the WAL, and after a crash count as done. The next
  /// commit takes its place.
  bool unsettled = false;
  RowMap rows;              ///< names, items, policies: key -> fingerprint
  RowMap attribute_counts;  ///< attribute tag -> number of rows
  std::map<std::string, CollectionEntry, std::less<>> collections;
  std::map<CollectionId, std::string> collection_names;
  /// A damaged vault that gives back what it still has: rows are authentic and no more.
  bool salvaging = false;
  std::uint64_t name_changes = 0;       ///< rows added to or taken from `name`
  std::uint64_t attribute_changes = 0;  ///< likewise of `attribute`

  /// Lives while a successor is made from a copy that this one must not run away from.
  std::weak_ptr<const void> held;
  Reason read_only = Reason::kUnspecified;
  std::string read_only_message;
  bool first_use = false;
  std::vector<Anchor> found_anchors;
  std::optional<std::uint64_t> anchored_epoch;
  std::function<void(const ItemEvent&)> observer;

  /// Where a rotation goes on; rows before it are under the newest key.
  struct Rotation {
    std::uint8_t phase = 0;
    std::array<unsigned char, 48> after{};
    std::uint64_t done = 0;
  } rotation;

  std::vector<std::weak_ptr<Backup>> backups;
  void end_backups();

  UnixMillis now() const { return locked.clock(); }
  absl::Status check_writable() const;

  // Tags.
  Tag collection_tag(std::string_view name) const;
  Tag name_tag(const CollectionId& collection, std::string_view name) const;
  Tag attribute_tag(std::string_view key, std::string_view value) const;
  std::string_view collection_name(const CollectionId& id) const;
  /// What a collection inherits from: what it was told, else what its name says. Null: nothing.
  const std::string* parent_of(std::string_view name, const CollectionEntry& entry) const;

  /// kVaultDamaged unless the row is the one that was last written.
  template <class Row>
  absl::StatusOr<WideTag> verify(const Row& row) const {
    const WideTag hash = row_hash(set_key, row);
    if (salvaging) return hash;
    const std::optional<std::uint32_t> known = rows.find(map_key(session_key, row));
    if (!known || *known != fingerprint(hash)) return damaged("a row of the vault was changed");
    return hash;
  }
  template <class Row>
  bool should_exist(const Row& key) const {
    return rows.find(map_key(session_key, key)).has_value();
  }

  /// Nothing: there is no such name, and that is the truth.
  absl::StatusOr<std::optional<KnownName>> find_name(const ItemName& where) const;
  absl::StatusOr<std::optional<KnownName>> find_name(const CollectionId& collection,
                                                     const Tag& tag) const;
  absl::StatusOr<KnownName> name_of_item(const ItemId& item, std::string& name) const;
  /// Opens a name row that has been verified.
  absl::StatusOr<std::string> open_name(const NameRow& row) const;
  absl::StatusOr<KnownVersion> open_version(const ItemRow& row) const;
  absl::StatusOr<KnownVersion> newest_version(const ItemId& item) const;
  /// Nothing: no such version (pruned, or never made).
  absl::StatusOr<std::optional<KnownVersion>> find_version(const ItemId& item,
                                                           std::uint64_t version) const;
  /// Every version kept, newest first.
  absl::StatusOr<std::vector<KnownVersion>> versions(const ItemId& item) const;
  absl::StatusOr<SecretBytes> open_value(const KnownVersion& version) const;
  /// The sealed value as it lies there, verified to be this version's.
  absl::StatusOr<ItemMetadata> metadata(const KnownName& name, const ItemName& where,
                                        const KnownVersion& version) const;
  /// Verified; its `sealed` is only good while its statement is in use.
  absl::StatusOr<SecretBytes> open_policy(const PolicyRow& row) const;
  /// Authentic; the chain is not looked at.
  absl::StatusOr<AuditRecord> open_audit(std::uint64_t sequence, Bytes sealed) const;
  /// The newest version of a live item. Error: kNotFound.
  struct Found {
    KnownName name;
    KnownVersion version;
  };
  absl::StatusOr<Found> find_live(const ItemName& where) const;

  /// One that serves, and what is inside it.
  static std::unique_ptr<Vault> serve(std::unique_ptr<Core> core);
  static Core& of(Vault& vault) { return *vault.core_; }
  /// A state that no anchor found is ahead of, and writable.
  absl::Status begin_lineage();
  /// Notes at a walk's beginning which file it walks. Later: kVaultBusy, that one was replaced.
  absl::Status check_walk(Cursor& cursor) const;
  absl::Status load();  ///< all rows: sums compared, maps filled
  absl::Status judge_anchor_file();
  void tell(const ItemMetadata& item_metadata, bool deleted) const;
};

/// Hands the rows that a statement finds to `each`, up to `limit`, until one gives an error.
/// Returns how many there were.
template <class Row, class Each>
absl::StatusOr<std::size_t> each_row(Statement& statement, std::optional<Row> (*parse)(Statement&),
                                     std::size_t limit, Each each) {
  for (std::size_t count = 0; count < limit; ++count) {
    const absl::StatusOr<bool> found = statement.step();
    if (!found.ok()) return found.status();
    if (!*found) return count;
    const std::optional<Row> row = parse(statement);
    if (!row) return damaged("a row of the vault is malformed");
    if (absl::Status status = each(*row); !status.ok()) return status;
  }
  return limit;
}

/// Takes the sums of all rows of a file, in slices; with `core`, also fills its maps (which must
/// be empty). Nobody else uses the store's statements between two slices.
class RowScan {
 public:
  /// All outlive the scan.
  RowScan(Store& store, const KeyBytes& set_key, Vault::Core* core)
      : store_(store), set_key_(set_key), core_(core) {}

  /// Up to `limit` rows more. True: that was the last.
  absl::StatusOr<bool> step(std::size_t limit);
  const std::array<RowSum, kTables>& sums() const { return sums_; }

 private:
  enum class Phase { kSlots, kCollections, kNames, kItems, kPolicies, kAttributes, kDone };

  RowSum& sum(Table table) { return sums_[static_cast<std::size_t>(table) - 1]; }
  void start(Phase phase);
  absl::Status add_slots();
  absl::Status add_collection(const CollectionRow& row, const WideTag& hash);
  absl::Status add_name(const NameRow& row, const WideTag& hash);
  absl::Status add_attribute(const AttributeRow& row);
  template <class Row>
  absl::Status keep(const Row& row, const WideTag& hash);
  template <class Row, class Each>
  absl::StatusOr<std::size_t> scan(Table table, std::optional<Row> (*parse)(Statement&),
                                   std::size_t limit, Each each);

  Store& store_;
  const KeyBytes& set_key_;
  Vault::Core* const core_;
  std::array<RowSum, kTables> sums_{};
  Phase phase_ = Phase::kSlots;
  Statement* statement_ = nullptr;
  std::optional<StatementUse> use_;
  std::map<CollectionId, CollectionEntry*> by_id_;
  CollectionEntry* entry_ = nullptr;  ///< of the last name
  CollectionId entry_id_{};
};

}  // namespace tacit
