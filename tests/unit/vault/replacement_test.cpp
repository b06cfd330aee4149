// Another file in the vault's place: new keys, a backup restored, what a damaged one still holds.
#include <gmock/gmock.h>

#include "daemon/vault/leftovers.h"
#include "daemon/vault/replacement.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Steps kNoSteps = [](std::uint64_t, std::uint64_t) { return absl::OkStatus(); };
const Tightening kMarked{
    [](const SecretBytes* record) {
      return SecretBytes::copy_of("stricter than " + (record ? text_of(*record) : "nothing"));
    },
    [](const Vault::PolicyChange& record) { return record.subject != Vault::SubjectId{9}; }};

class ReplacementTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    set("mail", "old mail", {{"user", "ann"}}).IgnoreError();
    set("mail", "new mail", {{"user", "bob"}}).IgnoreError();
    set("gone", "was here").IgnoreError();
    ASSERT_TRUE(vault_->remove({"default", "gone"}, false, std::nullopt).ok());
    set("prod", "p", {{"user", "ann"}}, "work").IgnoreError();
    set("big", std::string(100'000, 'b'), {}, "work").IgnoreError();
    ASSERT_TRUE(
        vault_->set_policy_record(Vault::SubjectId{9}, 3, SecretBytes::copy_of("kept")).ok());
    ASSERT_TRUE(vault_->guard_collection("work", SecretBytes::copy_of("the rule of work")).ok());
    const std::vector<SecretBytes> log = [] {
      std::vector<SecretBytes> out;
      for (const char* each : {"first", "second", "third"}) {
        out.push_back(SecretBytes::copy_of(std::string_view(each)));
      }
      return out;
    }();
    ASSERT_TRUE(vault_->append_audit(log).ok());
    ASSERT_TRUE(vault_->append_audit(log, 4).ok());  // its oldest are dropped
    ASSERT_TRUE(vault_->write_anchor().ok());
  }

  std::string copy_path() const { return place_.dir + "/" + new_backup_name(); }
  std::string copy() {
    const std::string path = copy_path();
    EXPECT_TRUE(make_backup(path).ok());
    return path;
  }

  Replacement::NewKeys new_keys() {
    Replacement::NewKeys keys{KeyBytes::random(), {}, false};
    keys.slots.push_back(*prepare_slot(new_key_file(), keys.root, vault_id_, KdfParams{}, now_));
    return keys;
  }
  static Credential new_key_file() {
    return {SlotKind::kKeyFile, SecretBytes::copy_of(std::string(64, 'n'))};
  }
  absl::Status unlock_by(const Credential& credential) {
    auto opened = open_slot(credential, locked_->slots(), locked_->vault_id());
    if (!opened.ok()) return opened.status();
    auto vault = locked_->unlock(std::move(opened->root));
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }

  void expect_sound() {
    Vault::VerifyState state;
    while (!state.cursor.done) {
      const auto findings = vault_->verify(state, 5);
      ASSERT_TRUE(findings.ok()) << findings.status();
      for (const Vault::Finding& each : *findings) ADD_FAILURE() << each.message;
    }
    EXPECT_EQ(vault_->read_only(), Reason::kUnspecified) << vault_->read_only_message();
  }
  void expect_all_there() {
    EXPECT_THAT(names(), ElementsAre("default/mail", "work/big", "work/prod"));
    EXPECT_EQ(get("mail"), "new mail");
    EXPECT_EQ(get("mail", 1), "old mail");
    EXPECT_EQ(get("gone"), "NOT_FOUND");
    EXPECT_EQ(vault_->history({"default", "gone"})->size(), 2u);
    EXPECT_EQ(get("big", 0, "work"), std::string(100'000, 'b'));
    EXPECT_THAT(found({{"user", "ann"}}), ElementsAre("prod"));
    EXPECT_THAT(found({{"user", "bob"}}), ElementsAre("mail"));
    EXPECT_EQ(text_of(**vault_->policy_record(Vault::SubjectId{9}, 3)), "kept");
    EXPECT_EQ(text_of(**vault_->policy_record(*vault_->collection_id("work"))), "the rule of work");
    const auto log = vault_->read_audit(0, 100);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_FALSE(log->empty());
    EXPECT_EQ(log->back().sequence, 6u);
    EXPECT_EQ(text_of(log->back().body), "third");
    expect_sound();
  }
  std::vector<std::string> old_names() {
    std::vector<std::string> out;
    const auto there = old_files(place_);
    for (const OldFile& file : there.value()) out.push_back(place_.dir + "/" + file.name);
    return out;
  }
  std::size_t files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(place_.dir)) {
      ++count;
    }
    return count;
  }
};

TEST_F(ReplacementTest, NewKeysKeepEverythingButTheCredentials) {
  const std::string before = database();
  const ItemId id = (*vault_->find({"default", "mail"}))->item;
  const CollectionId collection = *vault_->collection_id("work");
  const std::string from = copy();
  const Replacement::NewKeys keys = new_keys();
  std::uint64_t done = 0;
  {
    auto made = Replacement::under_new_keys(place_, clock(), from, root_, keys,
                                            [&](std::uint64_t now, std::uint64_t) {
                                              done = now;
                                              return absl::OkStatus();
                                            });
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(database(), before) << "until it is put in place";
    ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  }
  remove_database(from);
  EXPECT_NE(database(), before);
  EXPECT_THAT(old_names(), ElementsAre(before));

  auto successor = LockedVault::open_in(locked_->seat());
  ASSERT_TRUE(successor.ok()) << successor.status();
  close();
  locked_ = *std::move(successor);
  EXPECT_EQ(reason_of(unlock_by(key_file())), Reason::kWrongCredential);
  ASSERT_EQ(unlock_by(new_key_file()), absl::OkStatus());
  EXPECT_FALSE(vault_->first_use());
  EXPECT_EQ((*vault_->find({"default", "mail"}))->item, id);
  EXPECT_EQ(*vault_->collection_id("work"), collection);
  expect_all_there();
  EXPECT_TRUE(vault_->anchor_due()) << "two anchors become one";
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  ASSERT_TRUE(set("mail", "newest").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  ASSERT_EQ(try_open(), absl::OkStatus());
  ASSERT_EQ(unlock_by(new_key_file()), absl::OkStatus());
  EXPECT_EQ(get("mail"), "newest");
  expect_sound();
}

TEST_F(ReplacementTest, NothingOfTheOldKeysOpensTheNewFile) {
  const std::string from = copy();
  const Replacement::NewKeys keys = new_keys();
  auto made = Replacement::under_new_keys(place_, clock(), from, root_, keys, kNoSteps);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  close();
  ASSERT_EQ(try_open(), absl::OkStatus());
  const auto vault = locked_->unlock(root_.clone());
  EXPECT_EQ(reason_of(vault.status()), Reason::kWrongCredential);
}

TEST_F(ReplacementTest, WhenItIsGivenUpTheVaultIsAsItWas) {
  const std::string before = database();
  const std::string anchor = read_file(place_.anchor_file);
  for (int part = 0; part < 3; ++part) {
    std::vector<Vault::ItemEdit> edits(Vault::kMaxEditsAtOnce);
    for (std::size_t i = 0; i < edits.size(); ++i) {
      edits[i].where = {"default", std::to_string(part) + "-" + std::to_string(i)};
      edits[i].change.emplace().value = SecretBytes::copy_of(std::string_view("v"));
    }
    ASSERT_TRUE(vault_->apply(std::move(edits)).ok());
  }
  const std::string from = copy();
  const std::size_t there = files();
  const auto made = Replacement::under_new_keys(
      place_, clock(), from, root_, new_keys(),
      [](std::uint64_t, std::uint64_t) { return make_error(Reason::kCancelled, "enough"); });
  EXPECT_EQ(reason_of(made.status()), Reason::kCancelled);
  EXPECT_EQ(files(), there);
  EXPECT_EQ(database(), before);
  EXPECT_EQ(read_file(place_.anchor_file), anchor);
  remove_database(from);
  reopen();
  EXPECT_EQ(get("mail"), "new mail");
}

// Whichever of the steps the power fails after, one vault opens and is no rollback.
TEST_F(ReplacementTest, AStopBetweenAnchorAndNameLeavesOneOfBoth) {
  const std::string from = copy();
  const std::string current = read_file(place_.dir + "/CURRENT");
  const Replacement::NewKeys keys = new_keys();
  auto made = Replacement::under_new_keys(place_, clock(), from, root_, keys, kNoSteps);
  ASSERT_TRUE(made.ok()) << made.status();
  remove_database(from);
  ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  const std::string next = read_file(place_.dir + "/CURRENT");
  close();
  write_file(place_.dir + "/CURRENT", current);
  reopen();
  expect_all_there();
  close();
  write_file(place_.dir + "/CURRENT", next);
  ASSERT_EQ(try_open(), absl::OkStatus());
  ASSERT_EQ(unlock_by(new_key_file()), absl::OkStatus());
  expect_all_there();
}

TEST_F(ReplacementTest, WritingWaitsAndReadingGoesOn) {
  Vault::Cursor walk;
  ASSERT_TRUE(vault_->list(std::nullopt, true, walk, 1).ok());
  auto held = vault_->hold_writing();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(reason_of(vault_->hold_writing().status()), Reason::kVaultBusy);
  EXPECT_EQ(reason_of(set("mail", "lost?").status()), Reason::kVaultBusy);
  EXPECT_EQ(get("mail"), "new mail");
  EXPECT_TRUE(vault_->list(std::nullopt, true, walk, 1).ok());
  held->reset();
  EXPECT_TRUE(set("mail", "kept").ok());
  walk = {};
  ASSERT_TRUE(vault_->list(std::nullopt, true, walk, 1).ok());
  reopen();
  EXPECT_EQ(reason_of(vault_->list(std::nullopt, true, walk, 1).status()), Reason::kVaultBusy)
      << "a walk does not go on in another file";
}

TEST_F(ReplacementTest, ARestoredBackupIsTheVaultAndNoRollback) {
  const std::string file = copy();
  ASSERT_TRUE(set("mail", "after the backup").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  const std::string before = database();
  close();
  EXPECT_EQ(*anchored_by(place_, root_), std::optional(true));
  EXPECT_EQ(*anchored_by(place_, KeyBytes::random()), std::optional(false));
  auto made = Replacement::of_backup(place_, clock(), file, root_, kNoSteps);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(file));
  reopen();
  expect_all_there();
  EXPECT_THAT(old_names(), ElementsAre(before));
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  // What was there before is behind it now.
  close();
  write_file(place_.dir + "/CURRENT", std::filesystem::path(before).filename().string() + "\n");
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kFork) << vault_->read_only_message();
}

TEST_F(ReplacementTest, ABackupIsRestoredWhereThereIsNoVault) {
  const std::string file = base_ + "/moved.db";
  ASSERT_EQ(make_backup(file), absl::OkStatus());
  close();
  std::filesystem::remove_all(base_ + "/data");
  std::filesystem::remove_all(base_ + "/state");
  std::filesystem::create_directories(place_.dir);
  std::filesystem::permissions(place_.dir, std::filesystem::perms::owner_all);
  EXPECT_EQ(*anchored_by(place_, root_), std::nullopt);
  const std::string here = copy_path();
  std::filesystem::rename(file, here);
  auto made = Replacement::of_backup(place_, clock(), here, root_, kNoSteps);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  reopen();
  expect_all_there();
}

TEST_F(ReplacementTest, ADamagedBackupReplacesNothing) {
  const std::string before = database();
  const std::string file = copy();
  close();
  sql(file, "UPDATE value SET data = zeroblob(length(data)) WHERE version = 1");
  const std::size_t there = files();
  const auto made = Replacement::of_backup(place_, clock(), file, root_, kNoSteps);
  EXPECT_EQ(reason_of(made.status()), Reason::kVaultDamaged);
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("nothing was changed"));
  EXPECT_EQ(files(), there - 1) << "the backup's copy is gone, nothing else";
  EXPECT_EQ(database(), before);
  reopen();
  expect_all_there();
}

TEST_F(ReplacementTest, OldFilesGoOneByOneAndNeverTheVault) {
  const std::string before = std::filesystem::path(database()).filename();
  EXPECT_EQ(reason_of(remove_old_file(place_, before)), Reason::kVaultExists);
  EXPECT_EQ(reason_of(remove_old_file(place_, "../CURRENT")), Reason::kInvalidArgument);
  EXPECT_EQ(reason_of(remove_old_file(place_, "vault-00000000000000000000000000000000.db")),
            Reason::kNotFound);
  const std::string from = copy();
  auto made = Replacement::under_new_keys(place_, clock(), from, root_, new_keys(), kNoSteps);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
  close();
  ASSERT_EQ(old_files(place_)->size(), 1u);
  EXPECT_EQ(remove_old_file(place_, before), absl::OkStatus());
  EXPECT_THAT(*old_files(place_), IsEmpty());
}

class Salvaged : public ReplacementTest {
 protected:
  /// Salvages the closed vault, opens the new one, and gives back what was lost.
  Salvage salvage() {
    close();
    Salvage report;
    const auto from = copy_of_current(place_);
    EXPECT_TRUE(from.ok()) << from.status();
    auto made = Replacement::salvaged(place_, clock(), *from, root_, 0, kMarked, report, kNoSteps);
    remove_database(*from);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return report;
    EXPECT_EQ(made->put_in_place(place_), absl::OkStatus());
    const absl::Status opened = try_reopen();
    EXPECT_TRUE(opened.ok()) << opened;
    if (opened.ok()) expect_sound();
    return report;
  }
  void damage(const std::string& statements) {
    close();
    sql(database(), statements);
    EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
  }
};

TEST_F(Salvaged, AWholeVaultLosesNothing) {
  const Salvage report = salvage();
  EXPECT_EQ(report.lost, 0u) << report.losses.front().message;
  EXPECT_TRUE(report.slots_whole);
  EXPECT_TRUE(report.policies_whole);
  EXPECT_EQ(report.items, 4u);
  EXPECT_EQ(report.versions, 6u);
  expect_all_there();
}

TEST_F(Salvaged, AChangedValueLosesThatVersionAlone) {
  damage(
      "UPDATE item SET sealed = zeroblob(length(sealed)) WHERE version = 1 AND item = "
      "(SELECT item FROM item WHERE version = 2 LIMIT 1)");
  const Salvage report = salvage();
  EXPECT_GE(report.lost, 1u);
  EXPECT_EQ(get("mail") == "new mail" || get("gone", 2) == "NOT_FOUND", true);
  EXPECT_EQ(get("prod", 0, "work"), "p");
  EXPECT_THAT(names(), ElementsAre("default/mail", "work/big", "work/prod"));
}

TEST_F(Salvaged, AnItemWithoutItsNameIsKeptUnderItsId) {
  damage("DELETE FROM name WHERE live = 0");
  const Salvage report = salvage();
  ASSERT_GE(report.lost, 1u);
  std::vector<std::string> collections;
  const auto there = vault_->collections();
  ASSERT_TRUE(there.ok());
  for (const auto& each : *there) collections.push_back(each.name);
  EXPECT_THAT(collections, ::testing::UnorderedElementsAre("default", "work", "salvaged"));
  EXPECT_EQ(get("mail"), "new mail");
}

TEST_F(Salvaged, LostRulesMakeEveryCollectionAsk) {
  damage("DELETE FROM policy");
  const Salvage report = salvage();
  EXPECT_FALSE(report.policies_whole);
  EXPECT_EQ(text_of(**vault_->policy_record(*vault_->collection_id("work"))),
            "stricter than nothing");
  EXPECT_EQ(text_of(**vault_->policy_record(*vault_->collection_id("default"))),
            "stricter than nothing");
}

TEST_F(Salvaged, ALostStateIsToldAndTheRulesTightened) {
  damage("UPDATE state SET sealed = zeroblob(length(sealed))");
  const Salvage report = salvage();
  EXPECT_FALSE(report.policies_whole);
  EXPECT_EQ(text_of(**vault_->policy_record(*vault_->collection_id("work"))),
            "stricter than the rule of work");
  EXPECT_FALSE(*vault_->policy_record(Vault::SubjectId{9}, 3)) << "it may have been taken back";
  EXPECT_EQ(get("mail"), "new mail");
  EXPECT_EQ(vault_->read_audit(0, 100)->size(), 4u);
}

TEST_F(Salvaged, AnOldVaultThatWasPutBackIsTold) {
  close();
  const std::string path = database();
  const std::string old = read_file(path);
  reopen();
  ASSERT_TRUE(set("mail", "newest").ok());
  ASSERT_EQ(vault_->write_anchor(), absl::OkStatus());
  close();
  write_file(path, old);
  const Salvage report = salvage();
  EXPECT_GE(report.lost, 1u);
  EXPECT_FALSE(report.policies_whole);
  EXPECT_EQ(get("mail"), "new mail");
}

TEST_F(Salvaged, OfAChangedHeaderOnlyTheSlotThatOpenedItIsKept) {
  ASSERT_TRUE(
      vault_->add_slot(*prepare_slot(new_key_file(), root_, vault_id_, KdfParams{}, now_)).ok());
  damage("UPDATE header SET mac = zeroblob(length(mac))");
  const Salvage report = salvage();
  EXPECT_FALSE(report.slots_whole);
  EXPECT_EQ(vault_->slots().size(), 1u);
  expect_all_there();
}

TEST_F(Salvaged, WithoutTheDataKeysNothingIsMade) {
  damage("UPDATE header SET ring = zeroblob(length(ring))");
  close();
  const std::string before = database();
  Salvage report;
  const auto from = copy_of_current(place_);
  ASSERT_TRUE(from.ok()) << from.status();
  const std::size_t there = files();
  const auto made =
      Replacement::salvaged(place_, clock(), *from, root_, 0, kMarked, report, kNoSteps);
  EXPECT_EQ(reason_of(made.status()), Reason::kVaultDamaged);
  EXPECT_EQ(files(), there);
  EXPECT_EQ(database(), before);
}

// Pages of the file overwritten: rows beyond the damage are reached from the table's other end.
TEST_F(Salvaged, APageOfGarbageLosesWhatLayOnIt) {
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(set("item" + std::to_string(i), "value " + std::to_string(i)).ok());
  }
  close();
  const std::string path = database();
  const std::string whole = read_file(path);
  std::size_t most_lost = 0;
  for (std::size_t page = 20; page < whole.size() / 4096; page += 23) {
    SCOPED_TRACE("page " + std::to_string(page));
    std::string damaged = whole;
    damaged.replace(page * 4096, 4096, std::string(4096, '\x5a'));
    write_file(path, damaged);
    Salvage report;
    const auto from = copy_of_current(place_);
    ASSERT_TRUE(from.ok()) << from.status();
    auto made = Replacement::salvaged(place_, clock(), *from, root_, 0, kMarked, report, kNoSteps);
    remove_database(*from);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_GE(report.versions, 200u);
    most_lost = std::max<std::size_t>(most_lost, report.lost);
    // Nobody is told a wrong value: what is kept is what was written.
    ASSERT_EQ(made->put_in_place(place_), absl::OkStatus());
    const std::string current = database();
    ASSERT_EQ(try_reopen(), absl::OkStatus());
    for (int i = 0; i < 400; i += 7) {
      const std::string value = get("item" + std::to_string(i));
      if (value != "NOT_FOUND") {
        EXPECT_EQ(value, "value " + std::to_string(i));
      }
    }
    close();
    std::filesystem::remove(current);
    write_file(place_.dir + "/CURRENT", std::filesystem::path(path).filename().string() + "\n");
  }
  EXPECT_GT(most_lost, 0u);
}

}  // namespace
}  // namespace tacit
