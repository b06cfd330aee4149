// SQLite with owners and typed errors: one connection, prepared statements.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/crypto/keys.h"  // Bytes

namespace tacit {

/// The error for an SQLite result code: SQLITE_FULL is kDiskFull, READONLY kReadOnly, CORRUPT
/// kVaultDamaged, NOTADB kNotAVault, BUSY kVaultBusy, NOMEM kLimit, the rest kIoError, unless the
/// system's own error says that the disk is full or read-only.
/// `doing` completes the sentence "... while <doing>".
absl::Status sqlite_error(sqlite3* db, int code, std::string_view doing);

class Connection {
 public:
  /// `flags` as of sqlite3_open_v2; NOFOLLOW, NOMUTEX and EXRESCODE are added. The path's folders
  /// must not be symbolic links (NOFOLLOW looks at each). Sets what must hold before the first
  /// statement (sqlite3_db_config).
  static absl::StatusOr<Connection> open(const std::string& path, int flags);

  sqlite3* handle() const noexcept { return db_.get(); }
  /// Runs statements that return nothing of interest; `doing` names them in an error.
  absl::Status run(const char* sql, std::string_view doing);
  /// The first column of the first row, as text or as a number.
  absl::StatusOr<std::string> text(const char* sql);
  absl::StatusOr<std::int64_t> integer(const char* sql);
  bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_.get()) == 0; }
  int changes() const noexcept { return sqlite3_changes(db_.get()); }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

/// A prepared statement. Values bound are not copied: they must live, and stay what
/// they are, until `done`.
class Statement {
 public:
  Statement() = default;
  static absl::StatusOr<Statement> prepare(const Connection& connection, std::string_view sql);

  Statement& bind(int index, Bytes blob) noexcept;
  Statement& bind(int index, std::int64_t number) noexcept;
  /// True: a row is there to be read. False: no more rows.
  absl::StatusOr<bool> step();
  /// One step of what returns no rows; the statement is reset.
  absl::Status run();
  /// Ends a use: spans of columns are gone after it.
  void done() noexcept;

  /// The column, valid until the next step or `done`. A column of another type than asked (a
  /// changed file) is told by `well_typed`.
  Bytes blob(int column) noexcept;
  std::int64_t integer(int column) noexcept;
  bool well_typed() const noexcept { return well_typed_; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  bool well_typed_ = true;
};

/// Resets a statement when the scope ends, whichever way.
class StatementUse {
 public:
  explicit StatementUse(Statement& statement) : statement_(statement) {}
  ~StatementUse() { statement_.done(); }
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

}  // namespace tacit
