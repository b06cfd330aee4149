// The schema, word for word: what a vault file's sqlite_schema must equal before any of its
// tables is read.
#pragma once
#include <array>

namespace tacit {

struct SchemaObject {
  const char* type;
  const char* name;
  const char* sql;
};

/// Ordered by name. Keys come first in their tables and tables have no rowid where the key is
/// random, so that finding a row is one walk down one tree.
inline constexpr std::array<SchemaObject, 11> kSchema{{
    {"table", "attribute",
     "CREATE TABLE attribute(tag BLOB NOT NULL, item BLOB NOT NULL, "
     "PRIMARY KEY(tag, item)) STRICT, WITHOUT ROWID"},
    {"table", "audit",
     "CREATE TABLE audit(sequence INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"},
    {"table", "collection",
     "CREATE TABLE collection(tag BLOB PRIMARY KEY NOT NULL, id BLOB NOT NULL, "
     "term INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID"},
    {"table", "header",
     "CREATE TABLE header(id INTEGER PRIMARY KEY, body BLOB NOT NULL, ring BLOB NOT NULL, "
     "mac BLOB NOT NULL) STRICT"},
    {"table", "item",
     "CREATE TABLE item(item BLOB NOT NULL, version INTEGER NOT NULL, term INTEGER NOT NULL, "
     "nonce BLOB NOT NULL, mac BLOB NOT NULL, sealed BLOB NOT NULL, "
     "PRIMARY KEY(item, version)) STRICT, WITHOUT ROWID"},
    {"table", "name",
     "CREATE TABLE name(collection BLOB NOT NULL, tag BLOB NOT NULL, item BLOB NOT NULL, "
     "live INTEGER NOT NULL, term INTEGER NOT NULL, sealed BLOB NOT NULL, "
     "PRIMARY KEY(collection, tag)) STRICT, WITHOUT ROWID"},
    {"index", "name_by_item", "CREATE UNIQUE INDEX name_by_item ON name(item)"},
    {"table", "policy",
     "CREATE TABLE policy(subject BLOB NOT NULL, version INTEGER NOT NULL, "
     "term INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(subject, version)) "
     "STRICT, WITHOUT ROWID"},
    {"table", "slot", "CREATE TABLE slot(id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"},
    {"table", "state", "CREATE TABLE state(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"},
    {"table", "value",
     "CREATE TABLE value(item BLOB NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL, "
     "PRIMARY KEY(item, version)) STRICT, WITHOUT ROWID"},
}};

}  // namespace tacit
