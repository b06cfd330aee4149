#include "daemon/vault/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/schema.h"
#include "daemon/vault/slot_codec.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxSealedBytes = 128 * 1024;  ///< of metadata: 64 attributes of 1.3 KB

absl::Status damaged(std::string_view what) {
  return make_error(Reason::kVaultDamaged,
                    std::string(what) + "; nothing was served or changed; restore a backup");
}

/// What must hold before the first read. EXCLUSIVE comes before WAL, so that the WAL's index is
/// on the heap and no second connection can take part.
constexpr const char* kBeforeReading =
    "PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA cell_size_check=ON;"
    "PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_spill=OFF;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA secure_delete=ON";

absl::Status check_identity(Connection& connection) {
  const absl::StatusOr<std::int64_t> application = connection.integer("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*application != kApplicationId) {
    return make_error(Reason::kNotAVault,
                      "`" + std::string(sqlite3_db_filename(connection.handle(), "main")) +
                          "` is a database, but not a Tacit vault; restore a backup");
  }
  const absl::StatusOr<std::int64_t> format = connection.integer("PRAGMA user_version");
  if (!format.ok()) return format.status();
  if (*format > kFormat) {
    return make_error(Reason::kVaultTooNew, "the vault has format " + std::to_string(*format) +
                                                ", and this release reads up to " +
                                                std::to_string(kFormat) + "; update tacit");
  }
  if (*format != kFormat) {
    return damaged("the vault claims format " + std::to_string(*format) + ", which never was");
  }
  return absl::OkStatus();
}

absl::Status check_schema(Connection& connection) {
  absl::StatusOr<Statement> read = Statement::prepare(
      connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
  if (!read.ok()) return read.status();
  const auto text = [&](int column) {
    const Bytes bytes = read->blob(column);
    return std::string(bytes.begin(), bytes.end());
  };
  std::size_t found = 0;
  for (;;) {
    const absl::StatusOr<bool> row = read->step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    if (found == kSchema.size() || text(0) != kSchema[found].type ||
        text(1) != kSchema[found].name || text(3) != kSchema[found].sql) {
      return damaged("the vault's tables are not those of its format");
    }
    ++found;
  }
  if (found != kSchema.size()) return damaged("the vault's tables are not those of its format");
  return absl::OkStatus();
}

template <std::size_t N>
bool fixed(Bytes bytes, std::array<unsigned char, N>& out) {
  if (bytes.size() != N) return false;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return true;
}

/// A term as read: 1 to 2^32-1.
bool is_term(std::int64_t term) {
  return term >= 1 && term <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

Store::Store(Connection connection, std::string path)
    : path_(std::move(path)), connection_(std::move(connection)) {}

Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::open(const std::string& path, Mode mode) {
  for (const char* suffix : {"", "-wal"}) {
    if (absl::Status status = check_private_file(path + suffix); !status.ok()) return status;
  }
  // SQLite takes an empty file for an empty database; a vault is never one.
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return file_error(errno, "opening", path);
  if (info.st_size == 0) return damaged("the vault file `" + path + "` is empty");

  absl::StatusOr<Connection> connection = Connection::open(path, SQLITE_OPEN_READWRITE);
  if (!connection.ok()) return connection.status();
  if (absl::Status status = connection->run(kBeforeReading, "taking the vault file");
      !status.ok()) {
    return status;
  }
  if (absl::Status status = check_identity(*connection); !status.ok()) return status;
  if (absl::Status status = check_schema(*connection); !status.ok()) return status;
  if (sqlite3_db_readonly(connection->handle(), "main") != 0) {
    // SQLite also opens a file read-only that claims to be of a later SQLite.
    if (access(path.c_str(), W_OK) == 0) return damaged("the vault file's first page was changed");
    return make_error(Reason::kPermissions,
                      "`" + path + "` cannot be written; run: chmod 600 '" + path + "'");
  }
  const absl::StatusOr<std::string> journal =
      connection->text(mode == Mode::kOwn ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode");
  if (!journal.ok()) return journal.status();
  if (*journal != "wal") return damaged("the vault's journal is not a WAL");
  std::unique_ptr<Store> store(new Store(*std::move(connection), path));
  if (absl::Status status = store->prepare_statements(); !status.ok()) return status;
  return store;
}

absl::StatusOr<std::unique_ptr<Store>> Store::create(const std::string& path) {
  // Made here for its mode; closed again before SQLite opens it.
  if (absl::Status status = create_private_file(path); !status.ok()) return status;
  absl::StatusOr<Connection> connection = Connection::open(path, SQLITE_OPEN_READWRITE);
  if (!connection.ok()) return connection.status();
  for (const char* sql : {"PRAGMA page_size=4096", kBeforeReading}) {
    if (absl::Status status = connection->run(sql, "setting up the vault file"); !status.ok()) {
      return status;
    }
  }
  const absl::StatusOr<std::string> journal = connection->text("PRAGMA journal_mode=WAL");
  if (!journal.ok()) return journal.status();
  if (*journal != "wal") {
    return make_error(Reason::kIoError,
                      "the file system of `" + path + "` cannot keep a WAL; choose another folder");
  }
  std::string sql = "BEGIN IMMEDIATE;PRAGMA application_id=" + std::to_string(kApplicationId) +
                    ";PRAGMA user_version=" + std::to_string(kFormat);
  for (const SchemaObject& object : kSchema) sql += std::string(";") + object.sql;
  if (absl::Status status = connection->run(sql.c_str(), "making the vault's tables");
      !status.ok()) {
    return status;
  }
  std::unique_ptr<Store> store(new Store(*std::move(connection), path));
  if (absl::Status status = store->prepare_statements(); !status.ok()) return status;
  return store;
}

absl::Status Store::prepare_statements() {
  const std::pair<Statement*, const char*> all[] = {
      {&sql.find_name,
       "SELECT collection, tag, item, live, term, sealed FROM name WHERE collection=? AND tag=?"},
      {&sql.find_name_of_item,
       "SELECT collection, tag, item, live, term, sealed FROM name WHERE item=?"},
      {&sql.find_newest_item,
       "SELECT item, version, term, nonce, mac, sealed FROM item WHERE item=? "
       "ORDER BY version DESC LIMIT 1"},
      {&sql.find_item,
       "SELECT item, version, term, nonce, mac, sealed FROM item WHERE item=? AND version=?"},
      {&sql.find_value, "SELECT data FROM value WHERE item=? AND version=?"},
      {&sql.find_policy,
       "SELECT subject, version, term, sealed FROM policy WHERE subject=? AND version=?"},
      {&sql.names_after,
       "SELECT collection, tag, item, live, term, sealed FROM name "
       "WHERE (collection, tag) > (?, ?) ORDER BY collection, tag LIMIT ?"},
      {&sql.names_of_collection,
       "SELECT collection, tag, item, live, term, sealed FROM name "
       "WHERE collection=? AND tag>? ORDER BY tag LIMIT ?"},
      {&sql.items_after,
       "SELECT item, version, term, nonce, mac, sealed FROM item "
       "WHERE (item, version) > (?, ?) ORDER BY item, version LIMIT ?"},
      {&sql.versions_of_item,
       "SELECT item, version, term, nonce, mac, sealed FROM item WHERE item=? "
       "ORDER BY version DESC"},
      {&sql.items_with_attribute,
       "SELECT tag, item FROM attribute WHERE tag=? AND item>? ORDER BY item LIMIT ?"},
      {&sql.attributes_after,
       "SELECT tag, item FROM attribute WHERE (tag, item) > (?, ?) ORDER BY tag, item LIMIT ?"},
      {&sql.values_after,
       "SELECT item, version FROM value "
       "WHERE (item, version) > (?, ?) ORDER BY item, version LIMIT ?"},
      {&sql.policies_after,
       "SELECT subject, version, term, sealed FROM policy "
       "WHERE (subject, version) > (?, ?) ORDER BY subject, version LIMIT ?"},
      {&sql.collections_all, "SELECT tag, id, term, sealed FROM collection ORDER BY tag"},
      {&sql.audit_after,
       "SELECT sequence, sealed FROM audit WHERE sequence>? ORDER BY sequence LIMIT ?"},
      {&writes_.header, "INSERT OR REPLACE INTO header(id, body, ring, mac) VALUES(1, ?, ?, ?)"},
      {&writes_.state, "INSERT OR REPLACE INTO state(id, sealed) VALUES(1, ?)"},
      {&writes_.slot, "INSERT OR REPLACE INTO slot(id, body) VALUES(?, ?)"},
      {&writes_.drop_slot, "DELETE FROM slot WHERE id=?"},
      {&writes_.insert_name,
       "INSERT INTO name(collection, tag, item, live, term, sealed) VALUES(?, ?, ?, ?, ?, ?)"},
      {&writes_.update_name,
       "UPDATE name SET item=?3, live=?4, term=?5, sealed=?6 WHERE collection=?1 AND tag=?2"},
      {&writes_.erase_name, "DELETE FROM name WHERE collection=? AND tag=?"},
      {&writes_.insert_item,
       "INSERT INTO item(item, version, term, nonce, mac, sealed) VALUES(?, ?, ?, ?, ?, ?)"},
      {&writes_.update_item,
       "UPDATE item SET term=?3, nonce=?4, mac=?5, sealed=?6 WHERE item=?1 AND version=?2"},
      {&writes_.erase_item, "DELETE FROM item WHERE item=? AND version=?"},
      {&writes_.insert_collection,
       "INSERT INTO collection(tag, id, term, sealed) VALUES(?, ?, ?, ?)"},
      {&writes_.update_collection, "UPDATE collection SET id=?2, term=?3, sealed=?4 WHERE tag=?1"},
      {&writes_.erase_collection, "DELETE FROM collection WHERE tag=?"},
      {&writes_.insert_attribute, "INSERT INTO attribute(tag, item) VALUES(?, ?)"},
      {&writes_.erase_attribute, "DELETE FROM attribute WHERE tag=? AND item=?"},
      {&writes_.insert_policy,
       "INSERT INTO policy(subject, version, term, sealed) VALUES(?, ?, ?, ?)"},
      {&writes_.update_policy,
       "UPDATE policy SET term=?3, sealed=?4 WHERE subject=?1 AND version=?2"},
      {&writes_.erase_policy, "DELETE FROM policy WHERE subject=? AND version=?"},
      {&writes_.insert_value, "INSERT INTO value(item, version, data) VALUES(?, ?, ?)"},
      {&writes_.update_value, "UPDATE value SET data=?3 WHERE item=?1 AND version=?2"},
      {&writes_.erase_value, "DELETE FROM value WHERE item=? AND version=?"},
      {&writes_.append_audit, "INSERT INTO audit(sequence, sealed) VALUES(?, ?)"},
      {&writes_.drop_audit, "DELETE FROM audit WHERE sequence<?"},
      {&writes_.begin, "BEGIN IMMEDIATE"},
      {&writes_.begin_reading, "BEGIN"},
      {&writes_.commit, "COMMIT"},
      {&writes_.rollback, "ROLLBACK"},
      {&writes_.count_names, "SELECT count(*) FROM name WHERE collection=?"},
      {&writes_.count_attribute, "SELECT count(*) FROM attribute WHERE tag=?"},
  };
  for (const auto& [statement, text] : all) {
    absl::StatusOr<Statement> prepared = Statement::prepare(connection_, text);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return absl::OkStatus();
}

Store::Reading::Reading(Store& store) : store_(store) {
  store_.writes_.begin_reading.run().IgnoreError();
}

Store::Reading::~Reading() {
  if (!store_.connection_.in_transaction()) return;
  if (!store_.commit().ok()) store_.rollback();
}

absl::Status Store::begin() { return writes_.begin.run(); }
absl::Status Store::commit() { return writes_.commit.run(); }

void Store::rollback() noexcept {
  if (connection_.in_transaction()) writes_.rollback.run().IgnoreError();
}

absl::Status Store::one_row(Statement& statement) {
  if (absl::Status status = statement.run(); !status.ok()) {
    // A key that is there already, or a wrong type: the tables are not as they were left.
    if ((sqlite3_errcode(connection_.handle()) & 0xff) == SQLITE_CONSTRAINT) {
      return damaged("a row is where none should be");
    }
    return status;
  }
  if (connection_.changes() != 1) return damaged("a row of the vault is missing");
  return absl::OkStatus();
}

absl::StatusOr<Store::HeaderRow> Store::read_header() {
  absl::StatusOr<Statement> read =
      Statement::prepare(connection_, "SELECT id, body, ring, mac FROM header");
  if (!read.ok()) return read.status();
  absl::StatusOr<bool> row = read->step();
  if (!row.ok()) return row.status();
  if (!*row) return damaged("the vault has no header");
  HeaderRow out;
  const bool only_id = read->integer(0) == 1;
  const Bytes body = read->blob(1);
  const Bytes ring = read->blob(2);
  const bool mac_fits = fixed(read->blob(3), out.mac);
  if (!read->well_typed() || !only_id || !mac_fits || body.size() > 1024 || ring.size() > 1024) {
    return damaged("the vault's header is malformed");
  }
  out.body.assign(body.begin(), body.end());
  out.ring.assign(ring.begin(), ring.end());
  row = read->step();
  if (!row.ok()) return row.status();
  if (*row) return damaged("the vault has two headers");
  return out;
}

absl::Status Store::write_header(const HeaderRow& row) {
  return one_row(writes_.header.bind(1, row.body).bind(2, row.ring).bind(3, row.mac));
}

absl::StatusOr<std::vector<unsigned char>> Store::read_state() {
  absl::StatusOr<Statement> read = Statement::prepare(connection_, "SELECT id, sealed FROM state");
  if (!read.ok()) return read.status();
  absl::StatusOr<bool> row = read->step();
  if (!row.ok()) return row.status();
  if (!*row) return damaged("the vault has no state");
  const bool only_id = read->integer(0) == 1;
  const Bytes sealed = read->blob(1);
  if (!read->well_typed() || !only_id || sealed.size() > 64 * 1024) {
    return damaged("the vault's state is malformed");
  }
  std::vector<unsigned char> out(sealed.begin(), sealed.end());
  row = read->step();
  if (!row.ok()) return row.status();
  if (*row) return damaged("the vault has two states");
  return out;
}

absl::Status Store::write_state(Bytes sealed) { return one_row(writes_.state.bind(1, sealed)); }

absl::StatusOr<std::vector<Slot>> Store::read_slots(Malformed malformed) {
  absl::StatusOr<Statement> read =
      Statement::prepare(connection_, "SELECT id, body FROM slot ORDER BY id");
  if (!read.ok()) return read.status();
  std::vector<Slot> slots;
  for (;;) {
    const absl::StatusOr<bool> row = read->step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    const std::int64_t index = read->integer(0);
    const Bytes body = read->blob(1);
    std::optional<Slot> slot;
    if (read->well_typed() && index >= 0 && index < static_cast<std::int64_t>(kMaxSlots)) {
      slot = decode_slot(static_cast<std::uint32_t>(index), body);
    }
    if (!slot && malformed == Malformed::kLeftOut) continue;
    if (!slot) return damaged("a slot of the vault is malformed");
    slots.push_back(*slot);
  }
  if (slots.empty()) return damaged("the vault has no slot to open it by");
  return slots;
}

absl::Status Store::put_slot(const Slot& slot) {
  const auto body = encode_slot(slot);
  return one_row(writes_.slot.bind(1, std::int64_t{slot.index}).bind(2, body));
}

absl::Status Store::drop_slot(std::uint32_t index) {
  return one_row(writes_.drop_slot.bind(1, std::int64_t{index}));
}

std::optional<NameRow> Store::name_row(Statement& statement) {
  NameRow row;
  const bool fits = fixed(statement.blob(0), row.collection) && fixed(statement.blob(1), row.tag) &&
                    fixed(statement.blob(2), row.item);
  const std::int64_t live = statement.integer(3);
  const std::int64_t term = statement.integer(4);
  row.sealed = statement.blob(5);
  if (!fits || !statement.well_typed() || (live != 0 && live != 1) || !is_term(term) ||
      row.sealed.size() > kMaxSealedBytes) {
    return std::nullopt;
  }
  row.live = live == 1;
  row.term = static_cast<std::uint32_t>(term);
  return row;
}

std::optional<ItemRow> Store::item_row(Statement& statement) {
  ItemRow row;
  const bool fits = fixed(statement.blob(0), row.item);
  const std::int64_t version = statement.integer(1);
  const std::int64_t term = statement.integer(2);
  row.value_nonce = statement.blob(3);
  row.value_mac = statement.blob(4);
  row.sealed = statement.blob(5);
  const bool has_value = row.value_nonce.size() == 24 && row.value_mac.size() == 16;
  const bool has_none = row.value_nonce.empty() && row.value_mac.empty();
  if (!fits || !statement.well_typed() || version < 1 || !is_term(term) ||
      (!has_value && !has_none) || row.sealed.size() > kMaxSealedBytes) {
    return std::nullopt;
  }
  row.version = static_cast<std::uint64_t>(version);
  row.term = static_cast<std::uint32_t>(term);
  return row;
}

std::optional<CollectionRow> Store::collection_row(Statement& statement) {
  CollectionRow row;
  const bool fits = fixed(statement.blob(0), row.tag) && fixed(statement.blob(1), row.id);
  const std::int64_t term = statement.integer(2);
  row.sealed = statement.blob(3);
  if (!fits || !statement.well_typed() || !is_term(term) || row.sealed.size() > kMaxSealedBytes) {
    return std::nullopt;
  }
  row.term = static_cast<std::uint32_t>(term);
  return row;
}

std::optional<AttributeRow> Store::attribute_row(Statement& statement) {
  AttributeRow row;
  const bool fits = fixed(statement.blob(0), row.tag) && fixed(statement.blob(1), row.item);
  if (!fits || !statement.well_typed()) return std::nullopt;
  return row;
}

std::optional<ItemRow> Store::value_key(Statement& statement) {
  ItemRow row;
  const bool fits = fixed(statement.blob(0), row.item);
  const std::int64_t version = statement.integer(1);
  if (!fits || version < 0 || !statement.well_typed()) return std::nullopt;
  row.version = static_cast<std::uint64_t>(version);
  return row;
}

std::optional<PolicyRow> Store::policy_row(Statement& statement) {
  PolicyRow row;
  const bool fits = fixed(statement.blob(0), row.subject);
  const std::int64_t version = statement.integer(1);
  const std::int64_t term = statement.integer(2);
  row.sealed = statement.blob(3);
  if (!fits || !statement.well_typed() || version < 0 || !is_term(term) ||
      row.sealed.size() > kMaxSealedBytes) {
    return std::nullopt;
  }
  row.version = static_cast<std::uint64_t>(version);
  row.term = static_cast<std::uint32_t>(term);
  return row;
}

absl::Status Store::insert(const NameRow& row) {
  return one_row(writes_.insert_name.bind(1, row.collection)
                     .bind(2, row.tag)
                     .bind(3, row.item)
                     .bind(4, std::int64_t{row.live})
                     .bind(5, std::int64_t{row.term})
                     .bind(6, row.sealed));
}

absl::Status Store::update(const NameRow& row) {
  return one_row(writes_.update_name.bind(1, row.collection)
                     .bind(2, row.tag)
                     .bind(3, row.item)
                     .bind(4, std::int64_t{row.live})
                     .bind(5, std::int64_t{row.term})
                     .bind(6, row.sealed));
}

absl::Status Store::erase(const NameRow& row) {
  return one_row(writes_.erase_name.bind(1, row.collection).bind(2, row.tag));
}

absl::Status Store::insert(const ItemRow& row) {
  return one_row(writes_.insert_item.bind(1, row.item)
                     .bind(2, static_cast<std::int64_t>(row.version))
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.value_nonce)
                     .bind(5, row.value_mac)
                     .bind(6, row.sealed));
}

absl::Status Store::update(const ItemRow& row) {
  return one_row(writes_.update_item.bind(1, row.item)
                     .bind(2, static_cast<std::int64_t>(row.version))
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.value_nonce)
                     .bind(5, row.value_mac)
                     .bind(6, row.sealed));
}

absl::Status Store::erase(const ItemRow& row) {
  return one_row(
      writes_.erase_item.bind(1, row.item).bind(2, static_cast<std::int64_t>(row.version)));
}

absl::Status Store::insert(const CollectionRow& row) {
  return one_row(writes_.insert_collection.bind(1, row.tag)
                     .bind(2, row.id)
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.sealed));
}

absl::Status Store::update(const CollectionRow& row) {
  return one_row(writes_.update_collection.bind(1, row.tag)
                     .bind(2, row.id)
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.sealed));
}

absl::Status Store::erase(const CollectionRow& row) {
  return one_row(writes_.erase_collection.bind(1, row.tag));
}

absl::Status Store::insert(const AttributeRow& row) {
  return one_row(writes_.insert_attribute.bind(1, row.tag).bind(2, row.item));
}

absl::Status Store::erase(const AttributeRow& row) {
  return one_row(writes_.erase_attribute.bind(1, row.tag).bind(2, row.item));
}

absl::Status Store::insert(const PolicyRow& row) {
  return one_row(writes_.insert_policy.bind(1, row.subject)
                     .bind(2, static_cast<std::int64_t>(row.version))
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.sealed));
}

absl::Status Store::update(const PolicyRow& row) {
  return one_row(writes_.update_policy.bind(1, row.subject)
                     .bind(2, static_cast<std::int64_t>(row.version))
                     .bind(3, std::int64_t{row.term})
                     .bind(4, row.sealed));
}

absl::Status Store::erase(const PolicyRow& row) {
  return one_row(
      writes_.erase_policy.bind(1, row.subject).bind(2, static_cast<std::int64_t>(row.version)));
}

absl::Status Store::insert_value(const ItemId& item, std::uint64_t version, Bytes data) {
  return one_row(
      writes_.insert_value.bind(1, item).bind(2, static_cast<std::int64_t>(version)).bind(3, data));
}

absl::Status Store::update_value(const ItemId& item, std::uint64_t version, Bytes data) {
  return one_row(
      writes_.update_value.bind(1, item).bind(2, static_cast<std::int64_t>(version)).bind(3, data));
}

absl::Status Store::erase_value(const ItemId& item, std::uint64_t version) {
  return one_row(writes_.erase_value.bind(1, item).bind(2, static_cast<std::int64_t>(version)));
}

absl::Status Store::append_audit(std::uint64_t sequence, Bytes sealed) {
  return one_row(writes_.append_audit.bind(1, static_cast<std::int64_t>(sequence)).bind(2, sealed));
}

absl::Status Store::drop_audit_before(std::uint64_t sequence) {
  return writes_.drop_audit.bind(1, static_cast<std::int64_t>(sequence)).run();
}

absl::StatusOr<std::uint64_t> Store::count_names(const CollectionId& collection) {
  StatementUse use(writes_.count_names);
  use->bind(1, collection);
  const absl::StatusOr<bool> row = use->step();
  if (!row.ok()) return row.status();
  return static_cast<std::uint64_t>(use->integer(0));
}

absl::StatusOr<std::uint64_t> Store::count_attribute(const Tag& tag) {
  StatementUse use(writes_.count_attribute);
  use->bind(1, tag);
  const absl::StatusOr<bool> row = use->step();
  if (!row.ok()) return row.status();
  return static_cast<std::uint64_t>(use->integer(0));
}

}  // namespace tacit
