// The database file: opened with care, its rows read and written as they lie on disk. Knows no
// key; what a row means and whether it is genuine is the Vault's to say.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/vault/files.h"
#include "daemon/vault/header.h"
#include "daemon/vault/item.h"
#include "daemon/vault/sqlite.h"
#include "daemon/vault/state.h"

namespace tacit {

// Rows as they lie on disk. Bytes members point to memory of whoever made the row: of SQLite,
// valid until the next use of the statement that read it, or of the caller.

struct NameRow {
  CollectionId collection{};
  Tag tag{};
  ItemId item{};
  bool live = true;  ///< false: deleted, its history kept
  std::uint32_t term = 0;
  Bytes sealed;
};

struct ItemRow {
  ItemId item{};
  std::uint64_t version = 0;
  std::uint32_t term = 0;
  Bytes value_nonce;  ///< 24 bytes; none if the version is a deletion
  Bytes value_mac;    ///< 16 bytes; likewise
  Bytes sealed;
};

struct CollectionRow {
  Tag tag{};
  CollectionId id{};
  std::uint32_t term = 0;
  Bytes sealed;
};

struct AttributeRow {
  Tag tag{};
  ItemId item{};
};

struct PolicyRow {
  std::array<unsigned char, 16> subject{};
  std::uint64_t version = 0;  ///< of an item; 0: the item or collection as such
  std::uint32_t term = 0;
  Bytes sealed;
};

class Store {
 public:
  enum class Mode {
    kOwn,        ///< the vault itself: exclusive, durable
    kInspected,  ///< a copy to be checked: the same care, no lock of the folder
  };
  /// Opens and checks file, application id, format and schema, in this order. `path`'s folder
  /// has no symbolic links. Errors: kNotAVault, kVaultTooNew, kVaultDamaged, kPermissions,
  /// kVaultBusy, kIoError.
  static absl::StatusOr<std::unique_ptr<Store>> open(const std::string& path, Mode mode);
  /// Makes an empty database at `path`, which must not exist, with the schema alone, and leaves
  /// a transaction open in which the caller writes the first rows.
  static absl::StatusOr<std::unique_ptr<Store>> create(const std::string& path);
  ~Store();

  Connection& connection() { return connection_; }
  const std::string& path() const { return path_; }

  /// One read transaction around the reads of a scope; each statement would open its own. Where
  /// it cannot begin, they do. Not around writes, nor around another one.
  class Reading {
   public:
    explicit Reading(Store& store);
    ~Reading();
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Store& store_;
  };

  absl::Status begin();
  absl::Status commit();
  /// Also when a failed commit has already ended the transaction.
  void rollback() noexcept;

  struct HeaderRow {
    std::vector<unsigned char> body;
    std::vector<unsigned char> ring;
    Tag mac{};
  };
  absl::StatusOr<HeaderRow> read_header();
  absl::Status write_header(const HeaderRow& row);
  absl::StatusOr<std::vector<unsigned char>> read_state();
  absl::Status write_state(Bytes sealed);
  enum class Malformed { kDamage, kLeftOut };
  absl::StatusOr<std::vector<Slot>> read_slots(Malformed malformed = Malformed::kDamage);
  absl::Status put_slot(const Slot& slot);
  absl::Status drop_slot(std::uint32_t index);

  /// The reading statements, each with what it is bound to. Whoever uses one holds a
  /// StatementUse; a statement serves one use at a time.
  struct Statements {
    Statement find_name;             ///< collection, tag
    Statement find_name_of_item;     ///< item
    Statement find_newest_item;      ///< item
    Statement find_item;             ///< item, version
    Statement find_value;            ///< item, version: data
    Statement find_policy;           ///< subject, version
    Statement names_after;           ///< collection, tag, limit: in key order, from after it
    Statement names_of_collection;   ///< collection, after tag, limit
    Statement items_after;           ///< item, version, limit
    Statement versions_of_item;      ///< item: newest first
    Statement items_with_attribute;  ///< tag, after item, limit
    Statement attributes_after;      ///< tag, item, limit
    Statement values_after;          ///< item, version, limit: keys alone
    Statement policies_after;        ///< subject, version, limit
    Statement collections_all;
    Statement audit_after;  ///< sequence, limit: sequence, sealed
  };

  /// The row a statement above stands on. Nothing if a column has a wrong type or length.
  static std::optional<NameRow> name_row(Statement& statement);
  static std::optional<ItemRow> item_row(Statement& statement);
  static std::optional<CollectionRow> collection_row(Statement& statement);
  static std::optional<AttributeRow> attribute_row(Statement& statement);
  /// Of `values_after`: item and version alone.
  static std::optional<ItemRow> value_key(Statement& statement);
  static std::optional<PolicyRow> policy_row(Statement& statement);

  // Writes. Each must change exactly one row; anything else is kVaultDamaged.
  absl::Status insert(const NameRow& row);
  absl::Status update(const NameRow& row);  ///< by its key
  absl::Status erase(const NameRow& row);
  absl::Status insert(const ItemRow& row);
  absl::Status update(const ItemRow& row);
  absl::Status erase(const ItemRow& row);
  absl::Status insert(const CollectionRow& row);
  absl::Status update(const CollectionRow& row);
  absl::Status erase(const CollectionRow& row);
  absl::Status insert(const AttributeRow& row);
  absl::Status erase(const AttributeRow& row);
  absl::Status insert(const PolicyRow& row);
  absl::Status update(const PolicyRow& row);
  absl::Status erase(const PolicyRow& row);
  absl::Status insert_value(const ItemId& item, std::uint64_t version, Bytes data);
  absl::Status update_value(const ItemId& item, std::uint64_t version, Bytes data);
  absl::Status erase_value(const ItemId& item, std::uint64_t version);

  absl::Status append_audit(std::uint64_t sequence, Bytes sealed);
  /// All below `sequence`, however many there are.
  absl::Status drop_audit_before(std::uint64_t sequence);

  absl::StatusOr<std::uint64_t> count_names(const CollectionId& collection);
  absl::StatusOr<std::uint64_t> count_attribute(const Tag& tag);

 private:
  struct Writes {
    Statement header, state, slot, drop_slot;
    Statement insert_name, update_name, erase_name;
    Statement insert_item, update_item, erase_item;
    Statement insert_collection, update_collection, erase_collection;
    Statement insert_attribute, erase_attribute;
    Statement insert_policy, update_policy, erase_policy;
    Statement insert_value, update_value, erase_value;
    Statement append_audit, drop_audit;
    Statement begin, begin_reading, commit, rollback;
    Statement count_names, count_attribute;
  };
  Store(Connection connection, std::string path);
  absl::Status prepare_statements();
  absl::Status one_row(Statement& statement);

  std::string path_;
  Connection connection_;  // declared before the statements: they must go first
  Writes writes_;

 public:
  Statements sql;
};

}  // namespace tacit
