// The vault: a file on disk that is either locked (LockedVault) or unlocked (Vault).
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/crypto/keys.h"  // KeyBytes
#include "daemon/vault/item.h"
#include "daemon/vault/slot.h"  // Slot, VaultId
#include "tacit/reason.h"

namespace tacit {

class FileHandle;
class Vault;

/// Where a vault and its neighbours lie. All absolute.
struct VaultPlace {
  std::string dir;          ///< $XDG_DATA_HOME/tacit/vault, made 0700 at creation
  std::string anchor_file;  ///< $XDG_STATE_HOME/tacit/anchor
  std::string runtime_dir;  ///< for a copy when the folder is on a read-only file system
  std::string socket;       ///< written into vault.lock, for the message another daemon shows
};

/// Milliseconds since the epoch; injectable for tests.
using Clock = std::function<UnixMillis()>;

/// A vault file that is open and ours (flock), with its keys unknown. One thread at a time.
class LockedVault {
 public:
  struct Impl;  ///< defined inside the room
  /// Opens what CURRENT names. Errors: kNoVault; kVaultBusy (names host, pid and socket of the
  /// holder); kVaultDamaged, kNotAVault, kVaultTooNew, kPermissions, kIoError, each with what to
  /// do. A missing vault beside an existing anchor is kVaultDamaged, never kNoVault.
  static absl::StatusOr<std::unique_ptr<LockedVault>> open(const VaultPlace& place, Clock clock);

  /// The folder and its lock, which is held as long as any of those who share it lives.
  struct Seat {
    VaultPlace place;  ///< `dir` resolved
    Clock clock;
    std::shared_ptr<FileHandle> lock;
  };
  /// To put another file in this one's place. Any thread may use it.
  Seat seat() const;
  /// Where there is no vault, or none that opens: makes the folder if it is missing. Errors:
  /// kVaultBusy, kPermissions, kReadOnly, kIoError.
  static absl::StatusOr<Seat> take_seat(const VaultPlace& place, Clock clock);
  /// Opens what CURRENT names now; another may still serve from the file that it named before.
  /// Errors: those of `open`.
  static absl::StatusOr<std::unique_ptr<LockedVault>> open_in(const Seat& seat);

  /// Makes a new vault with these slots (1 to 16, each from `prepare_slot`, all wrapping the
  /// same `root`) and opens it. Errors: kVaultExists, kPermissions, kDiskFull, kIoError; on
  /// failure nothing is left that a later create or open would take for a vault.
  static absl::StatusOr<std::unique_ptr<LockedVault>> create(const VaultPlace& place, Clock clock,
                                                             const KeyBytes& root,
                                                             const VaultId& vault_id,
                                                             std::span<const Slot> slots,
                                                             bool recovery_key_unconfirmed);
  ~LockedVault();

  const VaultId& vault_id() const;
  /// As read from the header; not authenticated before `unlock`.
  const std::vector<Slot>& slots() const;
  /// kIoError if its files were taken away or replaced since they were opened; every write asks,
  /// and then writes nothing. kVaultDamaged for a CURRENT that names no vault.
  absl::Status check_in_place() const;

  /// Checks everything (header MAC, state, all rows against the multiset hash, anchor) and
  /// serves. The Vault must not outlive this object. ROLLBACK and FORK do not fail: the Vault
  /// is read-only and tells so. Errors: kWrongCredential (root does not fit the header),
  /// kVaultDamaged, kIoError, kVaultTooNew.
  absl::StatusOr<std::unique_ptr<Vault>> unlock(KeyBytes root);

 private:
  friend class Vault;
  explicit LockedVault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One change of an item, told to the observer after its commit.
struct ItemEvent {
  ItemMetadata metadata;  ///< of the version stored; of the last one if deleted
  bool deleted = false;
};

/// The unlocked vault: reads and writes items. Owned by the vault thread, no locks inside.
/// A write is durable when it returns. Every method that reads may answer kVaultDamaged, which
/// means: lock now, serve nothing more; every one that writes kReadOnly, kDiskFull or kIoError,
/// which mean that nothing was changed.
class Vault {
 public:
  struct Core;  ///< defined inside the room
  ~Vault();     ///< wipes the keys; does not write the anchor, see `close`

  // What access control keeps here. Subjects are item or collection ids; what a record says is
  // its writer's business. `version` 0 is the subject as such, else one version of an item, whose
  // record goes when the version does.
  using SubjectId = std::array<unsigned char, 16>;
  struct PolicyChange {
    SubjectId subject{};
    std::uint64_t version = 0;
    std::optional<SecretBytes> record;  ///< at most 4 KiB; none: what is there is dropped
  };

  /// Newest version if `version` is 0. Errors: kNotFound (no item, or deleted, or no such
  /// version), kExpired is not decided here.
  absl::StatusOr<Item> get(const ItemName& where, std::uint64_t version = 0);
  absl::StatusOr<ItemMetadata> describe(const ItemName& where, std::uint64_t version = 0);
  /// Returns what was stored. Errors: kNotFound, kAlreadyExists, kVersionMismatch,
  /// kInvalidArgument, kValueTooLarge.
  absl::StatusOr<ItemMetadata> set(const ItemName& where, ItemChange change);
  /// One of several changes: of what `change` says, or a deletion that keeps the history.
  struct ItemEdit {
    ItemName where;
    std::optional<ItemChange> change;               ///< none: it is deleted
    std::optional<std::uint64_t> expected_version;  ///< of a deletion
  };
  static constexpr std::size_t kMaxEditsAtOnce = 1000;
  /// All of them or none, in one transaction, each of another item (kInvalidArgument). Returns the
  /// versions stored, in their order, 0 for a deletion. Errors: those of `set` and `remove`.
  absl::StatusOr<std::vector<std::uint64_t>> apply(std::vector<ItemEdit> edits);
  absl::Status remove(const ItemName& where, bool purge,
                      std::optional<std::uint64_t> expected_version);
  /// `replace` purges what is at `to`. `policies` are written in the same transaction.
  absl::Status rename(const ItemName& from, const ItemName& to, bool replace,
                      std::optional<std::uint64_t> expected_version,
                      std::span<const PolicyChange> policies = {});
  /// Newest first, deleted ones included.
  absl::StatusOr<std::vector<ItemMetadata>> history(const ItemName& where);
  /// `policies` are written in the same transaction.
  absl::StatusOr<ItemMetadata> restore(const ItemName& where, std::uint64_t version,
                                       std::optional<std::uint64_t> expected_version,
                                       std::span<const PolicyChange> policies = {});

  /// A walk over items in slices, so that a long one never holds the thread. The vault may
  /// change between slices; an item that stays is seen exactly once.
  struct Cursor {
    bool done = false;
    // The rest is the vault's own: the key to go on after, and what shows that no row was lost.
    std::array<unsigned char, 48> after{};
    std::uint64_t seen = 0;
    std::uint64_t changes = 0;
    std::array<unsigned char, 8> file{};
    std::uint8_t phase = 0;
    bool started = false;
  };
  /// Up to `limit` items that are not deleted, in no order. No collection: all. `names_only`
  /// fills ids and `where` alone.
  absl::StatusOr<std::vector<ItemMetadata>> list(const std::optional<std::string>& collection,
                                                 bool names_only, Cursor& cursor,
                                                 std::size_t limit);
  /// Items with every one of `attributes` (not empty).
  absl::StatusOr<std::vector<ItemMetadata>> search(const Attributes& attributes,
                                                   const std::optional<std::string>& collection,
                                                   Cursor& cursor, std::size_t limit);
  struct CollectionInfo {
    CollectionId id{};
    std::string name;
    std::uint64_t item_count = 0;
    std::string parent{};  ///< the collection it inherits from; empty: none
    bool profile = false;  ///< `parent` follows from the name
  };
  absl::StatusOr<std::vector<CollectionInfo>> collections();

  // Collections as things of their own (vault_collections.cpp). Changes of many rows are one
  // transaction of at most kMaxItemsAtOnce items (kLimit); they tell no observer.
  static constexpr std::size_t kMaxItemsAtOnce = 10'000;
  /// Version of the policy record by which a collection stays without items; those of one that is
  /// deleted go with it.
  static constexpr std::uint64_t kKeptRecord = 1;
  /// Empty: there is none.
  std::string collection_name(const CollectionId& id) const;
  /// What it inherits from, nearest first, at most kMaxAbove.
  static constexpr std::size_t kMaxAbove = 4;
  std::vector<std::string> above(std::string_view collection) const;
  /// Where an item lies that is asked for in `where`: there or in the nearest collection above that
  /// has it; `where` if none has.
  absl::StatusOr<ItemName> inherited(const ItemName& where);
  /// Also of an item that is deleted and has its history. Errors: kNotFound.
  absl::StatusOr<ItemName> place_of(const ItemId& item);
  /// Writes records of a collection (their subject is filled in), which is made if it is not there.
  absl::StatusOr<CollectionId> put_collection(const std::string& name,
                                              std::span<const PolicyChange> records);
  /// The id stays. Errors: kNotFound; kAlreadyExists; kInvalidArgument, it would inherit from
  /// itself or over too many.
  absl::Status rename_collection(const std::string& from, const std::string& to,
                                 std::span<const PolicyChange> policies);
  /// With its own records. Returns how many of its items were not deleted before. Errors:
  /// kNotFound; kNotEmpty, it has items and `with_items` is not set, or an heir that was told to
  /// inherit.
  absl::StatusOr<std::uint64_t> delete_collection(const std::string& name, bool with_items,
                                                  std::span<const PolicyChange> policies);
  /// Deletes every item, keeping its history. Returns how many. Errors: kNotFound.
  absl::StatusOr<std::uint64_t> clear_collection(const std::string& name);
  /// No parent: none but what the name says. Errors: kNotFound; kInvalidArgument as of a rename.
  absl::Status inherit(const std::string& name, const std::optional<std::string>& parent);

  // Slots: `root()` never leaves; a new slot is prepared by `prepare_slot` off the thread.
  const std::vector<Slot>& slots() const;
  const VaultId& vault_id() const;
  /// For preparing a slot on another thread; the caller holds it no longer than that.
  KeyBytes root() const;
  /// Takes the lowest free index (returned). Errors: kLimit.
  absl::StatusOr<std::uint32_t> add_slot(Slot slot);
  absl::Status replace_slot(std::uint32_t index, Slot slot);
  absl::Status remove_slot(std::uint32_t index);  ///< Errors: kNotFound, kLastSlot.
  bool recovery_key_unconfirmed() const;
  absl::Status confirm_recovery_key();

  // The audit log (vault_audit.cpp). What a record says is its writer's business.
  struct AuditRecord {
    std::uint64_t sequence = 0;
    SecretBytes body;
  };
  /// What an append did to the log's old end.
  struct AuditDropped {
    std::uint64_t count = 0;    ///< records dropped
    std::uint64_t damaged = 0;  ///< the first of them that somebody else had changed; 0: none
  };
  /// Appends in one transaction, each chained to the one before, and drops the oldest beyond `keep`
  /// (at least 1), some more at a time so that it seldom has to. At most 64 KiB a record.
  absl::StatusOr<AuditDropped> append_audit(std::span<const SecretBytes> bodies,
                                            std::uint64_t keep = UINT64_MAX);
  /// Up to `limit` records from `from` on (or from the oldest there is), their chain unchecked but
  /// each authentic.
  absl::StatusOr<std::vector<AuditRecord>> read_audit(std::uint64_t from, std::size_t limit);
  /// The oldest record that is kept, and the next sequence number; equal: the log is empty. The
  /// very first record is 1.
  std::uint64_t first_audit_sequence() const;
  std::uint64_t next_audit_sequence() const;
  /// A walk along the chain in slices; the log may grow and drop its oldest between them.
  struct AuditWalk {
    bool done = false;
    // The rest is the vault's own.
    std::uint64_t next = 0;
    std::array<unsigned char, 32> link{};
  };
  /// Checks up to `limit` more records and hands them to `each`. Error: kVaultDamaged, naming the
  /// first record that does not fit.
  absl::Status verify_audit(AuditWalk& walk, std::size_t limit,
                            const std::function<void(const AuditRecord&)>& each = {});
  /// All of it at once.
  absl::Status verify_audit();
  /// Of an item's name, the same in every record of this vault.
  std::array<unsigned char, 32> audit_tag(const ItemName& where) const;

  struct Finding {
    Reason reason;
    std::string message;
    std::optional<ItemName> where;
  };
  struct VerifyState {
    Cursor cursor;
    std::uint64_t rows_done = 0;
    std::uint64_t rows_total = 0;
    AuditWalk audit;
  };
  /// Opens up to `limit` more rows, those of the audit log first, and says what is wrong with
  /// them.
  absl::StatusOr<std::vector<Finding>> verify(VerifyState& state, std::size_t limit);
  /// A copy of the ciphertext in the making. The vault may change between its steps; the copy is
  /// the vault as of the last page copied. Destroyed unfinished, it removes its file. It may
  /// outlive the Vault, whose end ends it. The vault thread's, as the Vault is.
  class Backup {
   public:
    ~Backup();
    /// Copies up to `amount` pages more or, once all are there, checks up to as many rows of the
    /// copy. True: it is whole, checked and closed, though not synced. After an error there is no
    /// copy. Errors: kLocked (the vault was locked meanwhile), kDiskFull, kIoError, kVaultDamaged.
    absl::StatusOr<bool> step(std::size_t amount);

   private:
    friend class Vault;
    struct Impl;
    explicit Backup(std::unique_ptr<Impl> impl);
    void end(const absl::Status& why);
    std::unique_ptr<Impl> impl_;
    absl::Status ended_;
  };
  /// `path` is a new file (0600). Errors: kAlreadyExists; kLimit (4 at once); those of `step`.
  absl::StatusOr<std::shared_ptr<Backup>> start_backup(const std::string& path);
  /// As long as what it returns lives, nothing is written here (kVaultBusy): a successor is made
  /// from a copy. Errors: kVaultBusy, somebody holds it already; why it is read-only.
  absl::StatusOr<std::shared_ptr<const void>> hold_writing();

  /// Seals up to `limit` more items under the newest data key; the first call of a rotation
  /// (done == 0 and none in progress) makes that key. Returns {done, total}.
  struct RotateProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
  };
  absl::StatusOr<RotateProgress> rotate(std::size_t limit);
  absl::Status accept_rollback();

  /// Empty reason (kUnspecified) when writable; else why not (kRollback, kFork, kReadOnly).
  Reason read_only() const;
  const std::string& read_only_message() const;
  bool first_use() const;  ///< unlock found no anchor

  /// Writes the anchor if the vault changed since: the session calls it within 5 s of a change
  /// and at lock.
  absl::Status write_anchor();
  bool anchor_due() const;

  void set_observer(std::function<void(const ItemEvent&)> observer);

  /// The ids behind a name; an item that is deleted and has its history has them, too.
  struct ItemIds {
    ItemId item{};
    CollectionId collection{};
    bool live = false;
  };
  absl::StatusOr<std::optional<ItemIds>> find(const ItemName& where);
  std::optional<CollectionId> collection_id(std::string_view name) const;

  absl::StatusOr<std::optional<SecretBytes>> policy_record(const SubjectId& subject,
                                                           std::uint64_t version = 0);
  /// Every record; each verified, and none missing.
  absl::StatusOr<std::vector<PolicyChange>> policy_records();
  absl::Status set_policy_record(const SubjectId& subject, std::uint64_t version,
                                 std::optional<SecretBytes> record);
  /// All of them or none, in one transaction. Errors also: kInvalidArgument, one of them twice.
  absl::Status set_policy_records(std::span<const PolicyChange> changes);
  /// The record of a collection as such. Makes a collection that is not there yet; no record: an
  /// empty one goes.
  absl::StatusOr<CollectionId> guard_collection(const std::string& name,
                                                std::optional<SecretBytes> record);

 private:
  friend class LockedVault;
  explicit Vault(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace tacit
