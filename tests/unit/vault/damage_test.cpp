// What is done to the file behind the daemon's back is found, named, and never served.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;

class Damage : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("a", "value-a", pairs()).ok());
    ASSERT_TRUE(set("a", "value-a2", pairs()).ok());
    ASSERT_TRUE(set("b", "value-b", pairs()).ok());
    ASSERT_TRUE(set("c", "value-c", {}, "other").ok());
    ASSERT_TRUE(vault_->set_policy_record({1}, 0, SecretBytes::copy_of("deny")).ok());
    ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
    close();
    // In one file, without a WAL.
    sql(database(), "PRAGMA wal_checkpoint(TRUNCATE)");
  }
  /// Of `a` and `b`. So many, that their tags, which fall anywhere among the fillers', are never
  /// all in SQLite's cache.
  static constexpr int kPairs = 41;
  static Attributes pairs() {
    Attributes out;
    for (int i = 0; i < kPairs; ++i) out["k" + std::to_string(i)] = "v";
    return out;
  }
  /// Adds more attribute rows than SQLite's cache holds. Unlocking reads them last, which pushes
  /// every other page out, so that what is read next comes from the file.
  void add_fillers() {
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
    for (int i = 0; i < 900; ++i) {
      Attributes many;
      for (int k = 0; k < 64; ++k) many[std::to_string(k)] = std::to_string(i);
      ASSERT_TRUE(set("f" + std::to_string(i), "", std::move(many), "filler").ok());
    }
    ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
    close();
    sql(database(), "PRAGMA wal_checkpoint(TRUNCATE)");
  }
  static void write_into(const std::string& path, const std::string& bytes, std::size_t at) {
    const int fd = ::open(path.c_str(), O_WRONLY);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at)),
              static_cast<ssize_t>(bytes.size()));
    ::close(fd);
  }
  static bool is_damaged(const std::vector<std::string>& answer) {
    return answer == std::vector<std::string>{"VAULT_DAMAGED"};
  }
  /// Every read that there is, none of which may give a wrong answer.
  void only_right_answers() {
    const std::string a = get("a"), b = get("b"), c = get("c", 0, "other"), old = get("a", 1);
    EXPECT_TRUE(a == "value-a2" || a == "VAULT_DAMAGED") << a;
    EXPECT_TRUE(b == "value-b" || b == "VAULT_DAMAGED") << b;
    EXPECT_TRUE(c == "value-c" || c == "VAULT_DAMAGED") << c;
    EXPECT_TRUE(old == "value-a" || old == "VAULT_DAMAGED") << old;
    const auto all = names(2, "default");
    EXPECT_TRUE(all == (std::vector<std::string>{"default/a", "default/b"}) || is_damaged(all))
        << ::testing::PrintToString(all);
    const auto other = names(1, "other");
    EXPECT_TRUE(other == std::vector<std::string>{"other/c"} || is_damaged(other))
        << ::testing::PrintToString(other);
    const auto by_attribute = found({{"k0", "v"}});
    EXPECT_TRUE(by_attribute == (std::vector<std::string>{"a", "b"}) ||
                by_attribute == std::vector<std::string>{"VAULT_DAMAGED"})
        << ::testing::PrintToString(by_attribute);
  }
};

TEST_F(Damage, EveryEditOfAClosedVaultIsFound) {
  const std::string good = read_file(database());
  const std::vector<std::string> edits = {
      // rows taken away
      "DELETE FROM name WHERE rowid_of=1",
      "DELETE FROM item WHERE version=2",
      "DELETE FROM item WHERE version=1 AND item=(SELECT item FROM item WHERE version=2)",
      "DELETE FROM attribute WHERE item=(SELECT max(item) FROM attribute)",
      "DELETE FROM collection",
      "DELETE FROM policy",
      "DELETE FROM slot",
      "DELETE FROM state",
      "DELETE FROM header",
      "DELETE FROM name",
      "DELETE FROM item; DELETE FROM name; DELETE FROM attribute",
      // rows exchanged
      "CREATE TEMP TABLE t AS SELECT item, version, sealed FROM item; "
      "UPDATE item SET sealed=(SELECT max(sealed) FROM t)",
      "UPDATE name SET sealed=(SELECT max(sealed) FROM name)",
      "UPDATE item SET nonce=(SELECT max(nonce) FROM item)",
      "UPDATE item SET mac=(SELECT max(mac) FROM item)",
      "UPDATE attribute SET tag=randomblob(32)",
      // rows added
      "INSERT INTO attribute SELECT randomblob(32), item FROM name",
      "INSERT INTO item SELECT item, version+1, term, nonce, mac, sealed FROM item WHERE version=2",
      "INSERT INTO name SELECT collection, randomblob(32), randomblob(16), live, term, sealed "
      "FROM name LIMIT 1",
      "INSERT INTO slot SELECT 7, body FROM slot",
      "INSERT INTO policy SELECT randomblob(16), 0, term, sealed FROM policy",
      "INSERT INTO header SELECT 2, body, ring, mac FROM header",
      "INSERT INTO state SELECT 2, sealed FROM state",
      "INSERT INTO audit VALUES(1, randomblob(80))",
      // columns changed
      "UPDATE name SET live=0",
      "UPDATE name SET live=2",
      "UPDATE name SET term=2",
      "UPDATE item SET term=9",
      "UPDATE item SET version=version+10",
      "UPDATE item SET nonce=x'', mac=x''",
      "UPDATE collection SET id=randomblob(16)",
      "UPDATE collection SET id=x'00'",
      "UPDATE header SET mac=randomblob(32)",
      "UPDATE header SET ring=randomblob(length(ring))",
      "UPDATE header SET body=randomblob(40)",
      "UPDATE header SET body=zeroblob(100000)",
      "UPDATE state SET sealed=randomblob(length(sealed))",
      "UPDATE slot SET body=randomblob(141)",
      "UPDATE slot SET id=3",
      // the schema
      "CREATE TABLE extra(x)",
      "CREATE TRIGGER t AFTER INSERT ON name BEGIN DELETE FROM item; END",
      "CREATE VIEW v AS SELECT * FROM name",
      "CREATE INDEX i ON item(term)",
      "DROP INDEX name_by_item",
      "ALTER TABLE name ADD COLUMN extra TEXT",
  };
  for (std::string edit : edits) {
    if (edit.find("rowid_of=1") != std::string::npos) {
      edit = "DELETE FROM name WHERE tag=(SELECT min(tag) FROM name)";
    }
    write_file(database(), good);
    sql(database(), edit);
    const Reason reason = reopen_reason();
    if (edit.find("INTO audit") != std::string::npos) {
      // The log has a chain of its own, which verification walks.
      EXPECT_EQ(reason, Reason::kUnspecified);
      EXPECT_EQ(reason_of(vault_->verify_audit()), Reason::kVaultDamaged);
    } else if (edit == "UPDATE slot SET body=randomblob(141)") {
      EXPECT_NE(reason, Reason::kUnspecified) << edit;
    } else {
      EXPECT_EQ(reason, Reason::kVaultDamaged) << edit;
    }
    close();
  }
  write_file(database(), good);
  EXPECT_EQ(reopen_reason(), Reason::kUnspecified);
  only_right_answers();
}

TEST_F(Damage, AValueChangedInAClosedVaultIsFoundWhenRead) {
  const std::string good = read_file(database());
  for (const std::string edit :
       {"UPDATE value SET data=randomblob(length(data))", "UPDATE value SET data=x''",
        "DELETE FROM value", "UPDATE value SET data=(SELECT max(data) FROM value)"}) {
    write_file(database(), good);
    sql(database(), edit);
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified) << edit;
    only_right_answers();
    Vault::VerifyState state;
    std::size_t damaged = 0;
    while (!state.cursor.done) {
      const auto findings = vault_->verify(state, 2);
      ASSERT_TRUE(findings.ok());
      for (const Vault::Finding& each : *findings) {
        EXPECT_EQ(each.reason, Reason::kVaultDamaged);
        EXPECT_TRUE(each.where.has_value());
        ++damaged;
      }
    }
    EXPECT_GE(damaged, 3u) << edit;
    close();
  }
}

TEST_F(Damage, AValueOfNobodyIsFoundByVerification) {
  sql(database(), "INSERT INTO value VALUES(randomblob(16), 1, x'00')");
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  only_right_answers();
  Vault::VerifyState state;
  std::vector<Vault::Finding> all;
  while (!state.cursor.done) {
    const auto findings = vault_->verify(state, 2);
    ASSERT_TRUE(findings.ok());
    all.insert(all.end(), findings->begin(), findings->end());
  }
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].reason, Reason::kVaultDamaged);
}

TEST_F(Damage, RowsTakenAwayOrExchangedUnderAnOpenVaultAreNoticed) {
  add_fillers();
  const std::string path = database();
  const std::string good = read_file(path);
  // The items with kPairs attributes are `a` and `b`; the fillers have 64.
  const std::string ours =
      " WHERE item IN (SELECT item FROM attribute GROUP BY item HAVING count(*)=" +
      std::to_string(kPairs) + ")";
  const std::string one = " WHERE item=(SELECT min(item) FROM attribute" + ours + ")";
  for (const std::string& edit :
       {"DELETE FROM attribute" + one, "UPDATE attribute SET item=randomblob(16)" + one,
        "DELETE FROM name" + one, "UPDATE name SET live=0" + ours,
        "UPDATE name SET item=randomblob(16)" + one,
        std::string("DELETE FROM item WHERE version=2"),
        std::string("UPDATE item SET version=version+1 WHERE version=2"),
        "UPDATE item SET sealed=zeroblob(length(sealed))" + ours,
        "UPDATE value SET data=zeroblob(length(data))" + ours}) {
    // Another's edit of a copy, laid over our file while we hold it open.
    const std::string twin = base_ + "/twin.db";
    write_file(path, good);
    write_file(twin, good);
    sql(twin, edit);
    const std::string changed = read_file(twin);
    // Where a page was full, it became two.
    ASSERT_GE(changed.size(), good.size());
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
    write_into(path, changed, 0);
    Vault::VerifyState state;
    bool noticed = false;
    while (!state.cursor.done && !noticed) {
      const auto findings = vault_->verify(state, 2);
      noticed = !findings.ok() || !findings->empty();
    }
    EXPECT_TRUE(noticed) << edit;
    close();
    fs::remove(path + "-wal");

    write_file(path, good);
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
    write_into(path, changed, 0);
    only_right_answers();
    std::vector<std::string> answers = {get("a"), get("b"), get("c", 0, "other"),
                                        names(2, "default").at(0)};
    for (const auto& [key, value] : pairs()) answers.push_back(found({{key, value}}).at(0));
    EXPECT_NE(std::find(answers.begin(), answers.end(), "VAULT_DAMAGED"), answers.end()) << edit;
    close();
    fs::remove(path + "-wal");
    fs::remove(twin);
  }
}

TEST_F(Damage, EachByteOfTheFileChangedGivesTheRightDataOrATypedError) {
  const std::string good = read_file(database());
  const std::string path = database();
  std::size_t opened = 0;
  // Every byte takes minutes; a step that is prime to the page size visits every kind of place.
  for (std::size_t at = 0; at < good.size(); at += at < 200 ? 1 : 61) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0x80 : 0xff));
    write_file(path, changed);
    const Reason reason = reopen_reason();
    if (reason == Reason::kUnspecified) {
      ++opened;
      only_right_answers();
    } else {
      EXPECT_TRUE(reason == Reason::kVaultDamaged || reason == Reason::kNotAVault ||
                  reason == Reason::kVaultTooNew || reason == Reason::kWrongCredential ||
                  reason == Reason::kIoError)
          << at << " " << reason_name(reason);
    }
    close();
    for (const char* suffix : {"-wal", "-journal", "-shm"}) fs::remove(path + suffix);
  }
  EXPECT_GT(opened, 0u) << "unused bytes exist";
}

TEST_F(Damage, EveryTruncationGivesATypedError) {
  const std::string good = read_file(database());
  const std::string path = database();
  for (std::size_t size = 0; size < good.size(); size += size < 200 ? 7 : 1021) {
    write_file(path, good.substr(0, size));
    const Reason reason = reopen_reason();
    if (reason == Reason::kUnspecified) only_right_answers();
    EXPECT_TRUE(reason == Reason::kUnspecified || reason == Reason::kVaultDamaged ||
                reason == Reason::kNotAVault || reason == Reason::kIoError)
        << size << " " << reason_name(reason);
    close();
    fs::remove(path + "-wal");
  }
}

TEST_F(Damage, APageChangedUnderAnOpenVaultIsNeverServed) {
  constexpr std::size_t kPage = 4096;
  const std::size_t pages = read_file(database()).size() / kPage;
  add_fillers();
  const std::string path = database();
  const std::string good = read_file(path);
  int noticed = 0;
  for (std::size_t page = 1; page < pages; ++page) {
    for (const int what : {0, 1, 2}) {
      ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
      // As any other process could: a plain write into the file.
      std::string other(kPage, '\0');
      if (what == 1) other = good.substr((page % (pages - 1) + 1) * kPage, kPage);
      if (what == 2) {
        other = good.substr(page * kPage, kPage);
        for (std::size_t i = 2000; i < kPage; ++i) other[i] = static_cast<char>(other[i] ^ 0x55);
      }
      write_into(path, other, page * kPage);
      only_right_answers();
      if (get("a") == "VAULT_DAMAGED" || get("b") == "VAULT_DAMAGED") ++noticed;
      close();
      fs::remove(path + "-wal");
      write_file(path, good);
    }
  }
  EXPECT_GT(noticed, 6) << "the file is what was read";
}

TEST_F(Damage, AnOldPagePutBackUnderAnOpenVaultIsNeverServed) {
  add_fillers();
  const std::string path = database();
  const std::string old = read_file(path);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  ASSERT_TRUE(set("b", "newer-b").ok());
  ASSERT_TRUE(vault_->remove({"other", "c"}, true, {}).ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string newer = read_file(path);
  int noticed = 0;
  const std::size_t pages = std::min(old.size(), newer.size()) / 4096;
  for (std::size_t page = 1; page <= pages; ++page) {
    if (page < pages && old.compare(page * 4096, 4096, newer, page * 4096, 4096) == 0) continue;
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
    // The last round puts all of them back at once.
    const bool all = page == pages;
    write_into(path, all ? old.substr(0, newer.size()) : old.substr(page * 4096, 4096),
               all ? 0 : page * 4096);
    const std::string b = get("b"), c = get("c", 0, "other");
    EXPECT_TRUE(b == "newer-b" || b == "VAULT_DAMAGED") << page << b;
    EXPECT_TRUE(c == "NOT_FOUND" || c == "VAULT_DAMAGED") << page << c;
    if (b == "VAULT_DAMAGED" || c == "VAULT_DAMAGED") ++noticed;
    EXPECT_TRUE(!all || b == "VAULT_DAMAGED") << b;
    close();
    fs::remove(path + "-wal");
    write_file(path, newer);
  }
  EXPECT_GT(noticed, 1) << "the file is what was read";
}

TEST_F(Damage, AnOldFilePutBackIsARollback) {
  const std::string old = read_file(database());
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  ASSERT_TRUE(set("a", "newest").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  fs::remove(database() + "-wal");
  write_file(database(), old);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  EXPECT_EQ(vault_->read_only(), Reason::kRollback);
  EXPECT_FALSE(vault_->anchor_due());
  EXPECT_EQ(get("a"), "value-a2") << "it can be read";
  EXPECT_EQ(reason_of(set("a", "x").status()), Reason::kRollback);
  EXPECT_EQ(reason_of(vault_->remove({"default", "a"}, false, {})), Reason::kRollback);
  EXPECT_EQ(reason_of(vault_->rotate(10).status()), Reason::kRollback);
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kRollback) << "it does not go away by itself";
  ASSERT_EQ(vault_->accept_rollback(), absl::OkStatus());
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified);
  ASSERT_TRUE(set("a", "goes on").ok());
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified);
  EXPECT_EQ(get("a"), "goes on");
}

TEST_F(Damage, TwoWaysFromOneCopyAreAFork) {
  const std::string common = read_file(database());
  const std::string common_anchor = read_file(place_.anchor_file);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  ASSERT_TRUE(set("a", "here").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  const std::string anchor_here = read_file(place_.anchor_file);
  fs::remove(database() + "-wal");
  write_file(database(), common);
  write_file(place_.anchor_file, common_anchor);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  ASSERT_TRUE(set("a", "there").ok());
  ASSERT_TRUE(set("a", "there again").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  write_file(place_.anchor_file, anchor_here);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  EXPECT_EQ(vault_->read_only(), Reason::kFork);
  EXPECT_EQ(reason_of(set("a", "x").status()), Reason::kFork);
  ASSERT_EQ(vault_->accept_rollback(), absl::OkStatus());
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified);
  EXPECT_EQ(get("a"), "there again");
}

TEST_F(Damage, AMissingAnchorIsFirstUseAndADamagedOneIsNot) {
  const std::string anchor = read_file(place_.anchor_file);
  fs::remove(place_.anchor_file);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  EXPECT_TRUE(vault_->first_use());
  EXPECT_TRUE(vault_->anchor_due());
  EXPECT_EQ(vault_->write_anchor(), absl::OkStatus());
  EXPECT_EQ(read_file(place_.anchor_file), anchor);
  for (const std::string& content : {std::string("garbage"), std::string(), anchor + "x",
                                     std::string(5000, 'x'), anchor.substr(1)}) {
    write_file(place_.anchor_file, content);
    ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
    EXPECT_FALSE(vault_->first_use());
    EXPECT_EQ(vault_->read_only(), Reason::kFork);
  }
  ASSERT_EQ(vault_->accept_rollback(), absl::OkStatus());
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified);
}

TEST_F(Damage, AnchorsOfMoreThanSixtyFourWritesAgoAreForgotten) {
  const std::string anchor = read_file(place_.anchor_file);
  ASSERT_EQ(reopen_reason(), Reason::kUnspecified);
  for (int i = 0; i < 63; ++i) {
    ASSERT_TRUE(set("b", std::to_string(i)).ok());
    ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  }
  ASSERT_TRUE(set("b", "last").ok());
  const std::string newest = read_file(place_.anchor_file);
  write_file(place_.anchor_file, anchor);
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified) << "the 64th";
  write_file(place_.anchor_file, newest);
  reopen();
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  ASSERT_TRUE(set("b", "more").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  ASSERT_TRUE(set("b", "more").ok());
  write_file(place_.anchor_file, anchor);
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kFork);
}

TEST_F(Damage, AHostileCostInASlotIsRefused) {
  const std::string good = read_file(database());
  // Memory and passes as they lie there, little-endian: too much, too little, no whole KiB.
  const std::pair<const char*, const char*> costs[] = {
      {"0000000000000001", "03000000"}, {"ffffffffffffffff", "03000000"},
      {"0004008000000000", "03000000"}, {"0000000000000000", "03000000"},
      {"00fcff0300000000", "03000000"}, {"0100000400000000", "03000000"},
      {"0000000400000000", "00000000"}, {"0000000400000000", "41000000"},
      {"0000000400000000", "ffffffff"}};
  for (const auto& [memory, passes] : costs) {
    close();
    write_file(database(), good);
    fs::remove(database() + "-wal");
    sql(database(), std::string("UPDATE slot SET body=CAST(x'01'||substr(body,2,24)||x'") + memory +
                        "'||x'" + passes + "'||substr(body,38) AS BLOB)");
    ASSERT_EQ(try_open(), absl::OkStatus());
    const auto opened = open_slot({SlotKind::kPassphrase, SecretBytes::copy_of("x")},
                                  locked_->slots(), locked_->vault_id());
    EXPECT_EQ(reason_of(opened.status()), Reason::kVaultDamaged) << memory << " " << passes;
  }
}

TEST_F(Damage, ANewerFormatAndAForeignFile) {
  const std::string good = read_file(database());
  sql(database(), "PRAGMA user_version=2");
  EXPECT_EQ(reopen_reason(), Reason::kVaultTooNew);
  sql(database(), "PRAGMA user_version=0");
  EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
  write_file(database(), good);
  sql(database(), "PRAGMA application_id=1");
  EXPECT_EQ(reopen_reason(), Reason::kNotAVault);
  write_file(database(), std::string(10'000, 'x'));
  EXPECT_EQ(reopen_reason(), Reason::kNotAVault);
  write_file(database(), "");
  EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
  EXPECT_EQ(read_file(database()), "") << "nothing was made in its place";
  write_file(database(), good);
  EXPECT_EQ(reopen_reason(), Reason::kUnspecified);
}

}  // namespace
}  // namespace tacit
