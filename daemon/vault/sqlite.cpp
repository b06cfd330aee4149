#include "daemon/vault/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/vault/files.h"
#include "daemon/vault/leftovers.h"

namespace tacit {
namespace {

struct Cause {
  Reason reason;
  const char* what;
};

Cause cause_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Reason::kDiskFull, "the disk is full; nothing was changed; free some space"};
    case SQLITE_READONLY:
      return {Reason::kReadOnly, "the vault cannot be written here"};
    case SQLITE_CORRUPT:
      return {Reason::kVaultDamaged,
              "a page of the vault is not what was written; restore a backup"};
    case SQLITE_NOTADB:
      return {Reason::kNotAVault, "the file is not a Tacit vault; restore a backup"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Reason::kVaultBusy, "another process holds the vault; end it and try again"};
    case SQLITE_NOMEM:
      return {Reason::kLimit, "out of memory; close something and try again"};
    case SQLITE_CANTOPEN:
      return {Reason::kIoError, "the vault's file cannot be opened; check its folder"};
    default:
      return {Reason::kIoError, "the disk failed; check it and the system's log"};
  }
}

/// What the system says of a new file. SQLite forgets why one could not be opened, and with a
/// journal that it closes what that met; so the folder is asked anew. A trouble that has passed
/// stays unnamed.
int errno_of_folder(sqlite3* db) {
  const char* file = sqlite3_db_filename(db, "main");
  if (file == nullptr || *file == '\0') return 0;
  const std::string probe = parent_of(file) + "/" + new_backup_name();
  const FileHandle made(
      open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const int error = made ? 0 : errno;
  if (made) unlink(probe.c_str());
  return error;
}

/// What the system said when a file could not be read, written or synced: WAL first, then database.
int errno_of_files(sqlite3* db) {
  int error = 0;
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  // A journal in memory has methods, but not this one.
  if (wal != nullptr && wal->pMethods != nullptr && wal->pMethods->xFileControl != nullptr) {
    wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  if (error == 0) sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

/// The cause where SQLite itself knows no more than that a file or a disk failed.
Cause cause_by_errno(int error, Cause otherwise) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return cause_of(SQLITE_FULL);
    case EROFS:
      return {Reason::kReadOnly,
              "the file system is read-only; nothing was changed; mount it writable"};
    default:
      return otherwise;
  }
}

}  // namespace

absl::Status sqlite_error(sqlite3* db, int code, std::string_view doing) {
  int error = 0;
  if (db != nullptr && (code & 0xff) == SQLITE_IOERR) error = errno_of_files(db);
  const bool unnamed = (code & 0xff) == SQLITE_IOERR && error == 0;
  if (db != nullptr && (unnamed || (code & 0xff) == SQLITE_CANTOPEN)) error = errno_of_folder(db);
  const Cause cause = cause_by_errno(error, cause_of(code));
  std::string message = cause.what;
  message += " (while ";
  message += doing;
  message += ": ";
  message += sqlite3_errstr(code);
  if (error != 0 && cause.reason == Reason::kIoError) message += ", errno " + std::to_string(error);
  message += ")";
  return make_error(cause.reason, message);
}

absl::StatusOr<Connection> Connection::open(const std::string& path, int flags) {
  Connection connection;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  connection.db_.reset(db);
  if (code != SQLITE_OK) return sqlite_error(db, code, "opening the vault");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  return connection;
}

absl::Status Connection::run(const char* sql, std::string_view doing) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle(), code, doing);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Connection::text(const char* sql) {
  absl::StatusOr<Statement> statement = Statement::prepare(*this, sql);
  if (!statement.ok()) return statement.status();
  absl::StatusOr<bool> row = statement->step();
  if (!row.ok()) return row.status();
  if (!*row) return std::string();
  const Bytes bytes = statement->blob(0);
  return std::string(bytes.begin(), bytes.end());
}

absl::StatusOr<std::int64_t> Connection::integer(const char* sql) {
  absl::StatusOr<Statement> statement = Statement::prepare(*this, sql);
  if (!statement.ok()) return statement.status();
  absl::StatusOr<bool> row = statement->step();
  if (!row.ok()) return row.status();
  return *row ? statement->integer(0) : 0;
}

absl::StatusOr<Statement> Statement::prepare(const Connection& connection, std::string_view sql) {
  Statement out;
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  out.statement_.reset(raw);
  if (code != SQLITE_OK) return sqlite_error(connection.handle(), code, "preparing a query");
  return out;
}

Statement& Statement::bind(int index, Bytes blob) noexcept {
  // A null pointer would bind NULL, and an empty blob is not NULL.
  const void* data = blob.empty() ? "" : static_cast<const void*>(blob.data());
  sqlite3_bind_blob64(statement_.get(), index, data, blob.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) noexcept {
  sqlite3_bind_int64(statement_.get(), index, number);
  return *this;
}

absl::StatusOr<bool> Statement::step() {
  well_typed_ = true;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(statement_.get()), code, "reading or writing a row");
}

absl::Status Statement::run() {
  absl::StatusOr<bool> row = step();
  done();
  return row.status();
}

void Statement::done() noexcept {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Bytes Statement::blob(int column) noexcept {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) well_typed_ = false;
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const unsigned char*>(data), static_cast<std::size_t>(size)};
}

std::int64_t Statement::integer(int column) noexcept {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) well_typed_ = false;
  return sqlite3_column_int64(statement_.get(), column);
}

}  // namespace tacit
