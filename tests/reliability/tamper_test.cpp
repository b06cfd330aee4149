// Rows exchanged, put back, taken away or added by somebody who has the file and no key; and whole
// databases made by hand. All of it is found, and nothing of it is served.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "daemon/base/status.h"
#include "tests/reliability/many_records.h"
#include "tests/reliability/options.h"

namespace tacit::test {
namespace {

using File = ManyRecords::File;
using Verdict = ManyRecords::Verdict;

/// A database as any other program opens it.
class Editor {
 public:
  explicit Editor(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
    // Many edits a second; the file system keeps what it has.
    run("PRAGMA synchronous=OFF");
  }
  ~Editor() {
    sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_close(db_);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  void run(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << sql << ": " << (message != nullptr ? message : "");
    sqlite3_free(message);
  }
  /// The first column of each row.
  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> out;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    return out;
  }
  void allow_anything() {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    run("PRAGMA writable_schema=ON");
  }

 private:
  sqlite3* db_ = nullptr;
};

/// A table, an expression that says which row, and what of it can be exchanged.
struct Table {
  const char* name;
  const char* key;  ///< SQL that gives a condition, in SQL, for each row
  std::vector<const char*> payload;
};
const Table kTables[] = {
    {"name", "'tag=x'''||hex(tag)||''''", {"sealed", "term", "live"}},
    {"item", "'item=x'''||hex(item)||''' AND version='||version", {"nonce", "mac", "sealed"}},
    {"value", "'item=x'''||hex(item)||''' AND version='||version", {"data"}},
    {"audit", "'sequence='||sequence", {"sealed"}},
};

class Tamper : public ::testing::Test {
 protected:
  void SetUp() override { records_.emplace(scratch_.path() + "/home", false); }
  std::string database() const { return records_->path_of(File::kDatabase); }

  void edit(const std::string& sql) {
    records_->put_back();
    Editor editor(database());
    editor.allow_anything();
    editor.run(sql);
  }
  /// It must be found, and nothing wrong be served.
  void found(const std::string& what) {
    const ManyRecords::Reading reading = records_->read();
    EXPECT_EQ(reading.verdict, Verdict::kRefused) << what << ": " << reading.words;
    ++cases_;
  }
  std::vector<std::string> rows(const Table& table) {
    records_->put_back();
    Editor editor(database());
    return editor.column(std::string("SELECT ") + table.key + " FROM " + table.name);
  }

  ScratchFolder scratch_;
  std::optional<ManyRecords> records_;
  std::uint64_t cases_ = 0;
};

TEST_F(Tamper, EveryRowInThePlaceOfAnother) {
  std::mt19937_64 random(options().seed);
  for (const Table& table : kTables) {
    const std::vector<std::string> keys = rows(table);
    ASSERT_GE(keys.size(), 3u) << table.name;
    const std::uint64_t pairs = keys.size() * (keys.size() - 1);
    const std::uint64_t wanted = std::min<std::uint64_t>(options().count(150, pairs), pairs);
    for (std::uint64_t i = 0; i < wanted; ++i) {
      const std::uint64_t pair = wanted == pairs ? i : random() % pairs;
      const std::size_t to = pair / (keys.size() - 1);
      std::size_t from = pair % (keys.size() - 1);
      from += from >= to ? 1 : 0;
      std::string columns, select;
      for (const char* column : table.payload) {
        if (!columns.empty()) columns += ", ", select += ", ";
        columns += column;
        select += column;
      }
      edit(std::string("UPDATE ") + table.name + " SET (" + columns + ")=(SELECT " + select +
           " FROM " + table.name + " WHERE " + keys[from] + ") WHERE " + keys[to]);
      found(std::string(table.name) + " " + keys[from] + " at " + keys[to]);
      if (HasFailure()) return;
    }
  }
  std::printf("%lu rows in the place of others, all found; seed %lu\n", cases_, options().seed);
}

TEST_F(Tamper, EveryRowTakenAwayOrDoubled) {
  for (const Table& table : kTables) {
    const std::vector<std::string> keys = rows(table);
    const std::size_t stride = options().is_long ? 1 : 1 + keys.size() * options().thinness() / 40;
    for (std::size_t i = 0; i < keys.size(); i += stride) {
      edit(std::string("DELETE FROM ") + table.name + " WHERE " + keys[i]);
      found(std::string(table.name) + " without " + keys[i]);
      const std::string copy =
          table.name == std::string("name")
              ? "SELECT collection, randomblob(32), randomblob(16), live, term, sealed FROM name"
          : table.name == std::string("item")
              ? "SELECT item, version+1, term, nonce, mac, sealed FROM item"
          : table.name == std::string("value") ? "SELECT item, version+1, data FROM value"
                                               : "SELECT sequence+1000, sealed FROM audit";
      edit(std::string("INSERT OR IGNORE INTO ") + table.name + " " + copy + " WHERE " + keys[i]);
      // A value beside a version that has one already is no new row.
      const ManyRecords::Reading reading = records_->read();
      const std::string count = "INSERT OR IGNORE changed nothing";
      if (reading.verdict == Verdict::kRight) {
        records_->put_back();
        Editor editor(database());
        const auto total = editor.column(std::string("SELECT count(*) FROM ") + table.name);
        editor.run(std::string("INSERT OR IGNORE INTO ") + table.name + " " + copy + " WHERE " +
                   keys[i]);
        EXPECT_EQ(editor.column(std::string("SELECT count(*) FROM ") + table.name), total)
            << table.name << " " << keys[i] << " doubled, and nobody saw";
      } else {
        EXPECT_EQ(reading.verdict, Verdict::kRefused) << reading.words;
        ++cases_;
      }
      if (HasFailure()) return;
    }
  }
  std::printf("%lu rows taken away or doubled, all found\n", cases_);
}

TEST_F(Tamper, ARowAsItWasBefore) {
  // What an older copy of the file has, put into the newer one row by row.
  std::mt19937_64 random(options().seed);
  const std::string older = scratch_.path() + "/older.db";
  write_content(older, records_->good(File::kDatabase));
  records_->put_back();
  VaultUser& user = records_->user();
  ASSERT_EQ(user.open(), absl::OkStatus());
  for (int i = 0; i < 30; ++i) {
    const ItemName where{"default", "record " + std::to_string(i)};
    // Some of them deleted in between.
    if (i % 3 == 0) {
      ASSERT_TRUE(user.vault().remove(where, false, {}).ok());
    }
    ItemChange change;
    change.value = SecretBytes::copy_of("newer");
    ASSERT_TRUE(user.vault().set(where, std::move(change)).ok());
  }
  while (true) {
    const auto progress = user.vault().rotate(50);
    ASSERT_TRUE(progress.ok());
    if (progress->done >= progress->total) break;
  }
  ASSERT_EQ(user.vault().write_anchor(), absl::OkStatus());
  user.close();
  const std::string newer = content_of(database());
  for (const char* table : {"name", "item", "value", "collection", "policy"}) {
    for (int i = 0; i < (options().is_long ? 200 : 12); ++i) {
      write_content(database(), newer);
      std::uint64_t changed = 0;
      {
        Editor editor(database());
        editor.run("ATTACH '" + older + "' AS older");
        editor.run(std::string("INSERT OR REPLACE INTO ") + table + " SELECT * FROM older." +
                   table + " LIMIT 1 OFFSET " + std::to_string(random() % 200));
        changed = std::stoull(editor.column("SELECT changes()").at(0));
        editor.run("DETACH older");
      }
      if (changed == 0) continue;
      absl::Status status = user.open();
      if (status.ok()) status = user.contents().status();
      for (Vault::VerifyState state; status.ok() && !state.cursor.done;) {
        const auto findings = user.vault().verify(state, 100);
        status = findings.status();
        if (status.ok() && !findings->empty()) {
          status = make_error(findings->front().reason, findings->front().message);
        }
      }
      EXPECT_EQ(reason_of(status), Reason::kVaultDamaged) << table << ": " << status;
      user.close();
      ++cases_;
      if (HasFailure()) return;
    }
  }
  std::printf("%lu rows as they were before, all found; seed %lu\n", cases_, options().seed);
}

TEST_F(Tamper, ASlotOfSomebodyElse) {
  // One whose credential the attacker knows, wrapping a root key of his own, or this vault's header
  // with another vault's slots.
  const KeyBytes foreign = KeyBytes::random();
  VaultId id = records_->user().open().ok() ? records_->user().vault().vault_id() : VaultId{};
  records_->user().close();
  const auto slot = prepare_slot(VaultUser::key_file('z'), foreign, id, KdfParams{}, 1);
  ASSERT_TRUE(slot.ok());
  ManyRecords other(scratch_.path() + "/other", false);
  const std::string attach = "ATTACH '" + other.path_of(File::kDatabase) + "' AS other;";
  for (const char* sql :
       {"INSERT INTO slot SELECT 1, body FROM slot", "UPDATE slot SET id=5",
        "INSERT INTO slot SELECT 1, body FROM other.slot",
        "UPDATE slot SET body=(SELECT body FROM other.slot)",
        "UPDATE header SET (body, ring, mac)=(SELECT body, ring, mac FROM other.header)",
        "UPDATE header SET ring=(SELECT ring FROM other.header)",
        "UPDATE state SET sealed=(SELECT sealed FROM other.state)",
        "UPDATE header SET (body, ring, mac)=(SELECT body, ring, mac FROM other.header); "
        "UPDATE slot SET body=(SELECT body FROM other.slot)",
        "UPDATE header SET (body, ring, mac)=(SELECT body, ring, mac FROM other.header); "
        "UPDATE slot SET body=(SELECT body FROM other.slot); "
        "UPDATE state SET sealed=(SELECT sealed FROM other.state)"}) {
    other.put_back();
    edit(attach + sql);
    found(sql);
  }
}

TEST_F(Tamper, AHeaderSetBack) {
  // Format, least reader, vault id, time, flags: each is under the header's MAC.
  for (int at = 0; at < 40; ++at) {
    for (const char* byte : {"00", "01", "02", "ff"}) {
      const std::string place = std::to_string(at + 1);
      edit("UPDATE header SET body=CAST(substr(body,1," + std::to_string(at) + ")||x'" + byte +
           "'||substr(body," + std::to_string(at + 2) + ") AS BLOB)");
      const ManyRecords::Reading reading = records_->read();
      if (reading.verdict == Verdict::kRight) {
        Editor editor(database());  // the byte that it was
        EXPECT_EQ(editor.column("SELECT hex(substr(body," + place + ",1)) FROM header").size(), 1u);
        records_->put_back();
        Editor good(database());
        std::string was =
            good.column("SELECT lower(hex(substr(body," + place + ",1))) FROM header").at(0);
        EXPECT_EQ(was, byte) << "byte " << at;
      } else {
        EXPECT_EQ(reading.verdict, Verdict::kRefused) << at << ": " << reading.words;
        ++cases_;
      }
    }
  }
  EXPECT_GT(cases_, 80u);
}

TEST_F(Tamper, ADatabaseMadeByHand) {
  const std::vector<std::string> edits = {
      // Triggers and views, which would run as soon as something is read or written.
      "CREATE TRIGGER t AFTER UPDATE ON state BEGIN DELETE FROM item; END",
      "CREATE TRIGGER t INSTEAD OF INSERT ON name BEGIN SELECT 1; END",
      "CREATE TEMP TRIGGER t AFTER INSERT ON name BEGIN SELECT 1; END;"
      "CREATE VIEW name2 AS SELECT * FROM name",
      "ALTER TABLE name RENAME TO hidden; CREATE VIEW name AS SELECT * FROM hidden",
      "CREATE TABLE sqlite_like(x)",
      "ANALYZE",
      "CREATE TABLE t(x INTEGER PRIMARY KEY AUTOINCREMENT)",
      // The words are right and the trees are not.
      "UPDATE sqlite_schema SET rootpage=(SELECT rootpage FROM sqlite_schema WHERE name='item') "
      "WHERE name='name'",
      "UPDATE sqlite_schema SET rootpage=(SELECT rootpage FROM sqlite_schema WHERE name='value') "
      "WHERE name='audit'",
      "UPDATE sqlite_schema SET rootpage=1 WHERE name='value'",
      "UPDATE sqlite_schema SET rootpage=99999 WHERE name='state'",
      "UPDATE sqlite_schema SET rootpage=0 WHERE name='item'",
      // Columns that compute something, other types, fewer guards.
      "UPDATE sqlite_schema SET sql=replace(sql,'STRICT, ','') WHERE name='name'",
      "UPDATE sqlite_schema SET sql=replace(sql,'sealed BLOB NOT NULL',"
      "'sealed BLOB AS (randomblob(60))') WHERE name='name'",
      "UPDATE sqlite_schema SET sql=replace(sql,'term INTEGER NOT NULL',"
      "'term INTEGER NOT NULL CHECK(load_extension(''x'') IS NULL)') WHERE name='item'",
      "UPDATE sqlite_schema SET sql='CREATE VIRTUAL TABLE value USING fts5(item, version, data)', "
      "rootpage=0 WHERE name='value'",
      "UPDATE sqlite_schema SET type='view', rootpage=0 WHERE name='value'",
      "UPDATE sqlite_schema SET sql=NULL WHERE name='value'",
      "UPDATE sqlite_schema SET tbl_name='item' WHERE name='name_by_item'",
      "DELETE FROM sqlite_schema WHERE name='name_by_item'",
      "DELETE FROM sqlite_schema",
      "PRAGMA application_id=0",
      "PRAGMA user_version=-1",
      "PRAGMA user_version=2147483647",
  };
  for (const std::string& sql : edits) {
    records_->put_back();
    {
      sqlite3* db = nullptr;
      ASSERT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
      sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
      // Some of it SQLite itself refuses, and is left as it was.
      sqlite3_exec(db, ("PRAGMA writable_schema=ON;" + sql).c_str(), nullptr, nullptr, nullptr);
      sqlite3_close(db);
    }
    const bool changed = content_of(database()) != records_->good(File::kDatabase);
    const ManyRecords::Reading reading = records_->read();
    if (changed) {
      EXPECT_EQ(reading.verdict, Verdict::kRefused) << sql << ": " << reading.words;
      ++cases_;
    } else {
      EXPECT_EQ(reading.verdict, Verdict::kRight) << sql << ": " << reading.words;
    }
  }
  EXPECT_GE(cases_, 18u);
  std::printf("%lu databases made by hand, all refused\n", cases_);
}

TEST_F(Tamper, AJournalLaidBesideTheVault) {
  // SQLite plays a rollback journal back before anything else: here one that it takes for hot, with
  // pages of another time and place.
  const std::string& good = records_->good(File::kDatabase);
  for (std::size_t page = 0; page < good.size() / 4096; ++page) {
    for (const std::size_t source : {page + 1, std::size_t{0}}) {
      if (source * 4096 >= good.size()) continue;
      records_->put_back();
      const auto be32 = [](std::size_t number) {
        std::string out;
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
        return out;
      };
      std::string journal("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
      journal += be32(1) + be32(0) + be32(good.size() / 4096) + be32(512) + be32(4096);
      journal.resize(512);
      const std::string content = good.substr(source * 4096, 4096);
      std::size_t sum = 0;
      for (int at = 4096 - 200; at > 0; at -= 200) {
        sum += static_cast<unsigned char>(content[static_cast<std::size_t>(at)]);
      }
      journal += be32(page + 1) + content + be32(sum);
      write_content(database() + "-journal", journal);
      const ManyRecords::Reading reading = records_->read();
      EXPECT_TRUE(reading.verdict == Verdict::kRight || reading.verdict == Verdict::kRefused)
          << page << ": " << reading.words;
      cases_ += reading.verdict == Verdict::kRefused ? 1 : 0;
      unlink((database() + "-journal").c_str());
      if (HasFailure()) return;
    }
  }
  std::printf("%lu journals played back and found\n", cases_);
}

}  // namespace
}  // namespace tacit::test
