// Slots, rotation, backup, policy records, and a larger vault.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "daemon/crypto/tag.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class Care : public Scratch {
 protected:
  void SetUp() override { create(); }

  bool opens(const Credential& credential) {
    return open_slot(credential, locked_->slots(), locked_->vault_id()).ok();
  }
  Slot slot_of(const Credential& credential) {
    return *prepare_slot(credential, vault_->root(), vault_->vault_id(), KdfParams{}, now_);
  }
  static Credential file_of(char c) {
    return {SlotKind::kKeyFile, SecretBytes::copy_of(std::string(40, c))};
  }
  void rotate_all(std::size_t limit) {
    for (int i = 0;; ++i) {
      ASSERT_LT(i, 10'000);
      const auto progress = vault_->rotate(limit);
      ASSERT_TRUE(progress.ok()) << progress.status();
      if (progress->done == progress->total) return;
    }
  }
  void expect_sound() {
    Vault::VerifyState state;
    while (!state.cursor.done) {
      const auto findings = vault_->verify(state, 5);
      ASSERT_TRUE(findings.ok()) << findings.status();
      for (const Vault::Finding& each : *findings) ADD_FAILURE() << each.message;
    }
    EXPECT_EQ(state.rows_done, state.rows_total);
  }
};

TEST_F(Care, SlotsAreAddedReplacedAndRemoved) {
  EXPECT_EQ(reason_of(vault_->remove_slot(0)), Reason::kLastSlot);
  EXPECT_EQ(*vault_->add_slot(slot_of(file_of('b'))), 1u);
  EXPECT_EQ(*vault_->add_slot(slot_of(file_of('c'))), 2u);
  EXPECT_EQ(vault_->remove_slot(1), absl::OkStatus());
  EXPECT_EQ(reason_of(vault_->remove_slot(1)), Reason::kNotFound);
  EXPECT_EQ(reason_of(vault_->replace_slot(1, slot_of(file_of('x')))), Reason::kNotFound);
  EXPECT_EQ(*vault_->add_slot(slot_of(file_of('d'))), 1u) << "the lowest free index";
  EXPECT_EQ(vault_->replace_slot(2, slot_of(file_of('e'))), absl::OkStatus());
  reopen();
  ASSERT_EQ(vault_->slots().size(), 3u);
  EXPECT_EQ(vault_->slots()[1].index, 1u);
  EXPECT_TRUE(opens(key_file()));
  EXPECT_FALSE(opens(file_of('b')));
  EXPECT_FALSE(opens(file_of('c')));
  EXPECT_TRUE(opens(file_of('d')));
  EXPECT_TRUE(opens(file_of('e')));
  for (int i = 3; i < 16; ++i) ASSERT_TRUE(vault_->add_slot(slot_of(file_of('z'))).ok());
  EXPECT_EQ(reason_of(vault_->add_slot(slot_of(file_of('z'))).status()), Reason::kLimit);
  reopen();
  EXPECT_EQ(vault_->slots().size(), 16u);
  expect_sound();
}

TEST_F(Care, ARevivedSlotIsFound) {
  ASSERT_TRUE(vault_->add_slot(slot_of(file_of('b'))).ok());
  close();
  sql(database(), "CREATE TABLE x AS SELECT * FROM slot; DROP TABLE x");
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
  sqlite3_stmt* read = nullptr;
  sqlite3_prepare_v2(db, "SELECT hex(body) FROM slot WHERE id=1", -1, &read, nullptr);
  ASSERT_EQ(sqlite3_step(read), SQLITE_ROW);
  const std::string body = reinterpret_cast<const char*>(sqlite3_column_text(read, 0));
  sqlite3_finalize(read);
  sqlite3_close(db);
  reopen();
  ASSERT_EQ(vault_->remove_slot(1), absl::OkStatus());
  close();
  sql(database(), "INSERT INTO slot VALUES(1, x'" + body + "')");
  EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
}

TEST_F(Care, TheRecoveryKeyIsConfirmedOnce) {
  EXPECT_TRUE(vault_->recovery_key_unconfirmed());
  EXPECT_EQ(vault_->confirm_recovery_key(), absl::OkStatus());
  EXPECT_EQ(vault_->confirm_recovery_key(), absl::OkStatus());
  EXPECT_FALSE(vault_->recovery_key_unconfirmed());
  reopen();
  EXPECT_FALSE(vault_->recovery_key_unconfirmed());
}

TEST_F(Care, AnotherVaultsRootKeyDoesNotFit) {
  close();
  ASSERT_EQ(try_open(), absl::OkStatus());
  EXPECT_EQ(reason_of(locked_->unlock(KeyBytes::random()).status()), Reason::kWrongCredential);
  EXPECT_EQ(try_unlock(), absl::OkStatus()) << "and harms nothing";
}

TEST_F(Care, LockingAndUnlockingAgainNeedsNoReopening) {
  ASSERT_TRUE(set("x", "1").ok());
  for (int i = 0; i < 20; ++i) {
    vault_.reset();
    EXPECT_EQ(KeyBytes::alive(), 1) << "only the test's own";
    ASSERT_EQ(try_unlock(), absl::OkStatus());
    EXPECT_EQ(get("x"), "1");
  }
}

TEST_F(Care, APolicyRecordIsChangedOnceInATransaction) {
  ASSERT_TRUE(vault_->set_policy_record({5}, 1, SecretBytes::copy_of("p")).ok());
  std::vector<Vault::PolicyChange> twice(2);
  for (Vault::PolicyChange& change : twice) change.subject = {5}, change.version = 1;
  twice[1].record = SecretBytes::copy_of("q");
  EXPECT_EQ(reason_of(vault_->set_policy_records(twice)), Reason::kInvalidArgument);
  EXPECT_EQ(text_of(**vault_->policy_record({5}, 1)), "p");
  expect_sound();
}

TEST_F(Care, RotationSealsEverythingAgainAndMayBeInterrupted) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(set("n" + std::to_string(i), "v" + std::to_string(i), {{"k", "v"}},
                    "c" + std::to_string(i % 3))
                    .ok());
  }
  ASSERT_TRUE(set("n0", "v0b", {}, "c0").ok());
  ASSERT_TRUE(vault_->remove({"c1", "n1"}, false, {}).ok());
  ASSERT_TRUE(vault_->set_policy_record({5}, 0, SecretBytes::copy_of("p")).ok());
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(vault_->rotate(4).ok());
  ASSERT_TRUE(set("during", "rotation").ok());
  EXPECT_EQ(get("n2", 0, "c2"), "v2") << "both keys are there";
  reopen();  // interrupted
  ASSERT_TRUE(set("n3", "changed", {}, "c0").ok());
  rotate_all(4);
  expect_sound();
  reopen();
  EXPECT_EQ(get("n0", 0, "c0"), "v0b");
  EXPECT_EQ(get("n0", 1, "c0"), "v0");
  EXPECT_EQ(get("n3", 0, "c0"), "changed");
  EXPECT_EQ(get("n1", 0, "c1"), "NOT_FOUND");
  EXPECT_EQ(get("during"), "rotation");
  EXPECT_EQ(text_of(**vault_->policy_record({5})), "p");
  EXPECT_EQ(found({{"k", "v"}}).size(), 27u);
  close();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
  for (const char* table : {"name", "item", "collection", "policy"}) {
    sqlite3_stmt* read = nullptr;
    const std::string query = std::string("SELECT count(*) FROM ") + table + " WHERE term<>2";
    sqlite3_prepare_v2(db, query.c_str(), -1, &read, nullptr);
    ASSERT_EQ(sqlite3_step(read), SQLITE_ROW);
    EXPECT_EQ(sqlite3_column_int(read, 0), 0) << table;
    sqlite3_finalize(read);
  }
  sqlite3_close(db);
  reopen();
  rotate_all(1000);
  reopen();
  EXPECT_EQ(get("n4", 0, "c1"), "v4");
}

TEST_F(Care, ABackupIsACheckedVaultOfItsOwn) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(set("n" + std::to_string(i), "v").ok());
  const std::string copy = base_ + "/copy.db";
  ASSERT_EQ(make_backup(copy), absl::OkStatus());
  struct stat info {};
  ASSERT_EQ(stat(copy.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
  EXPECT_EQ(reason_of(make_backup(copy)), Reason::kAlreadyExists);
  EXPECT_FALSE(make_backup(base_ + "/no/such/folder/copy.db").ok());
  ASSERT_TRUE(set("after", "v").ok());
  close();
  // Put in the vault's place it opens; the anchor was never written past it.
  write_file(database(), read_file(copy));
  reopen();
  EXPECT_EQ(get("n49"), "v");
  EXPECT_EQ(get("after"), "NOT_FOUND");
}

TEST_F(Care, ChangesWhileABackupIsMadeAreInItWholeOrNotAtAll) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(set("n" + std::to_string(i), std::string(9000, 'a')).ok());
  }
  const std::string copy = base_ + "/copy.db";
  auto backup = vault_->start_backup(copy);
  ASSERT_TRUE(backup.ok()) << backup.status();
  // One page a step, and between any two a change that touches pages copied and not copied yet.
  int steps = 0;
  for (bool whole = false; !whole; ++steps) {
    const auto step = (*backup)->step(1);
    ASSERT_TRUE(step.ok()) << steps << step.status();
    whole = *step;
    const std::string name = "n" + std::to_string(steps * 7 % 59);
    EXPECT_EQ(get(name).size(), 9000u);
    if (steps % 3 == 0 && steps < 300) {
      ASSERT_TRUE(set(name, std::string(9000, 'b'), {{"k", name}}).ok());
      ASSERT_TRUE(set("new" + std::to_string(steps), "v").ok());
      // A write that fails and rolls back is not in the copy either.
      ItemChange wrong;
      wrong.expected_version = 77;
      wrong.value = SecretBytes::copy_of("wrong");
      EXPECT_FALSE(vault_->set({"default", name}, std::move(wrong)).ok());
    }
    if (steps == 150) {
      ASSERT_TRUE(vault_->remove({"default", "n59"}, true, {}).ok());
    }
    ASSERT_LT(steps, 100'000);
  }
  EXPECT_GT(steps, 200);
  EXPECT_TRUE(*(*backup)->step(1)) << "whole stays whole";
  backup->reset();
  const std::vector<std::string> all = names();
  close();
  write_file(database(), read_file(copy));
  reopen();
  expect_sound();
  EXPECT_EQ(names(), all);
  EXPECT_EQ(get("n59"), "NOT_FOUND");
  EXPECT_EQ(get("n0"), std::string(9000, 'b'));
}

TEST_F(Care, ABackupThatIsNotFinishedLeavesNothing) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(set("n" + std::to_string(i), std::string(9000, 'a')).ok());
  }
  const std::string copy = base_ + "/copy.db";
  auto dropped = vault_->start_backup(copy);
  ASSERT_TRUE(dropped.ok());
  ASSERT_FALSE(*(*dropped)->step(3));
  EXPECT_TRUE(std::filesystem::exists(copy));
  dropped->reset();
  EXPECT_FALSE(std::filesystem::exists(copy));

  std::vector<std::shared_ptr<Vault::Backup>> many;
  for (int i = 0; i < 4; ++i) {
    auto one = vault_->start_backup(copy + std::to_string(i));
    ASSERT_TRUE(one.ok()) << one.status();
    many.push_back(*std::move(one));
    ASSERT_FALSE(*many.back()->step(3));
  }
  EXPECT_EQ(reason_of(vault_->start_backup(copy).status()), Reason::kLimit);
  // One of them is being checked when the vault locks.
  while (!*many[0]->step(1000) && !std::filesystem::exists(copy + "0-wal")) continue;
  close();
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(reason_of(many[static_cast<std::size_t>(i)]->step(1).status()), Reason::kLocked);
    EXPECT_FALSE(std::filesystem::exists(copy + std::to_string(i)));
  }
  many.clear();
  reopen();
  EXPECT_EQ(get("n3").size(), 9000u);
}

TEST_F(Care, PolicyRecordsSurviveRenameAndGoWithAPurge) {
  const ItemId id = set("x", "v")->id;
  EXPECT_FALSE(vault_->policy_record(id)->has_value());
  ASSERT_TRUE(vault_->set_policy_record(id, 0, SecretBytes::copy_of("ask")).ok());
  ASSERT_TRUE(vault_->set_policy_record(id, 0, SecretBytes::copy_of("deny")).ok());
  ASSERT_TRUE(vault_->set_policy_record(id, 1, SecretBytes::copy_of("ask")).ok());
  ASSERT_TRUE(vault_->set_policy_record({9}, 0, SecretBytes::copy_of("other")).ok());
  ASSERT_TRUE(vault_->rename({"default", "x"}, {"else", "y"}, false, {}).ok());
  reopen();
  EXPECT_EQ(text_of(**vault_->policy_record(id)), "deny");
  EXPECT_EQ(text_of(**vault_->policy_record(id, 1)), "ask");
  ASSERT_TRUE(vault_->remove({"else", "y"}, true, {}).ok());
  EXPECT_FALSE(vault_->policy_record(id)->has_value());
  EXPECT_FALSE(vault_->policy_record(id, 1)->has_value());
  EXPECT_TRUE(vault_->policy_record({9})->has_value());
  ASSERT_TRUE(vault_->set_policy_record({9}, 0, std::nullopt).ok());
  ASSERT_TRUE(vault_->set_policy_record({9}, 0, std::nullopt).ok());
  EXPECT_FALSE(vault_->policy_record({9})->has_value());
  reopen();
  expect_sound();
}

TEST_F(Care, TwoThousandItems) {
  constexpr int kItems = 2'000;
  for (int i = 0; i < kItems; ++i) {
    ASSERT_TRUE(set("n" + std::to_string(i), "value", {{"bucket", std::to_string(i % 100)}}).ok());
  }
  reopen();
  EXPECT_EQ(names(1000).size(), static_cast<std::size_t>(kItems));
  EXPECT_EQ(found({{"bucket", "7"}}, 7).size(), 20u);
  EXPECT_EQ(get("n1999"), "value");
  EXPECT_EQ((*vault_->collections())[0].item_count, static_cast<std::uint64_t>(kItems));
}

}  // namespace
}  // namespace tacit
