// Rules over a real vault: what guards a version follows it wherever it goes.
#include "daemon/access/rules.h"

#include <gtest/gtest.h>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

Rule reading(Policy policy) {
  Rule rule;
  rule.set_policy(Verb::kRead, policy);
  return rule;
}

class RulesTest : public Scratch {
 protected:
  void SetUp() override { create(); }

  Policy of(const ItemName& where, std::uint64_t version = 0) {
    const auto guard = rules_.of_item(*vault_, where, version);
    EXPECT_TRUE(guard.ok()) << guard.status();
    return guard->policy(Verb::kRead).policy;
  }
  void guard(const ItemName& where, Policy policy) {
    const absl::Status done = rules_.set_item(*vault_, where, reading(policy));
    ASSERT_TRUE(done.ok()) << done;
  }
  void guard(const std::string& collection, Policy policy) {
    const absl::Status done = rules_.set_collection(*vault_, collection, reading(policy));
    ASSERT_TRUE(done.ok()) << done;
  }
  void move(const ItemName& from, const ItemName& to) {
    const auto raised = rules_.for_move(*vault_, from, to);
    ASSERT_TRUE(raised.ok()) << raised.status();
    const absl::Status done = vault_->rename(from, to, false, std::nullopt, records_of(*raised));
    ASSERT_TRUE(done.ok()) << done;
    rules_.changed(*raised);
  }
  void restore(const ItemName& where, std::uint64_t version) {
    const auto raised = rules_.for_restore(*vault_, where, version);
    ASSERT_TRUE(raised.ok()) << raised.status();
    const auto done = vault_->restore(where, version, std::nullopt, records_of(*raised));
    ASSERT_TRUE(done.ok()) << done.status();
    rules_.changed(*raised);
  }
  /// As after a lock and an unlock.
  void read_again() {
    reopen();
    rules_.clear();
    const auto records = vault_->policy_records();
    ASSERT_TRUE(records.ok()) << records.status();
    for (const auto& record : *records) ASSERT_TRUE(rules_.load(record));
  }

  Rules rules_{Rule()};
  const ItemName mail_{"default", "mail"};
};

TEST_F(RulesTest, TheStrictestOfDefaultCollectionAndItemCounts) {
  ASSERT_TRUE(set("mail", "v").ok());
  EXPECT_TRUE(rules_.nothing_set());
  EXPECT_EQ(of(mail_), Policy::kOpen);
  guard("default", Policy::kConfirm);
  guard(mail_, Policy::kAsk);
  EXPECT_EQ(of(mail_), Policy::kConfirm);
  EXPECT_EQ(of({"default", "not there"}), Policy::kConfirm);
  EXPECT_EQ(of({"other", "not there"}), Policy::kOpen);
  guard("default", Policy::kOpen);
  EXPECT_EQ(of(mail_), Policy::kAsk);
  read_again();
  EXPECT_EQ(of(mail_), Policy::kAsk);
  Rules strict(rule_of(Policy::kAsk));
  EXPECT_EQ(strict.of_item(*vault_, {"other", "x"}, 0)->policy(Verb::kRead).policy, Policy::kAsk);
}

TEST_F(RulesTest, ACollectionIsGuardedBeforeItHasItemsAndGoesWithItsRule) {
  guard("prod", Policy::kDeny);
  EXPECT_TRUE(vault_->collection_id("prod").has_value());
  EXPECT_EQ(of({"prod", "to come"}), Policy::kDeny);
  read_again();
  EXPECT_EQ(of({"prod", "to come"}), Policy::kDeny);
  guard("prod", Policy::kOpen);
  EXPECT_FALSE(vault_->collection_id("prod").has_value());
  EXPECT_TRUE(rules_.nothing_set());
  read_again();
  EXPECT_TRUE(rules_.nothing_set());
}

TEST_F(RulesTest, OlderVersionsKeepWhatTheyWereGuardedBy) {
  ASSERT_TRUE(set("mail", "one").ok());
  guard(mail_, Policy::kConfirm);
  ASSERT_TRUE(set("mail", "two").ok());
  guard(mail_, Policy::kOpen);
  EXPECT_EQ(of(mail_), Policy::kOpen);
  EXPECT_EQ(of(mail_, 2), Policy::kOpen);
  EXPECT_EQ(of(mail_, 1), Policy::kConfirm);
  ASSERT_TRUE(vault_->remove(mail_, false, std::nullopt).ok());
  ASSERT_TRUE(set("mail", "four").ok());
  read_again();
  EXPECT_EQ(of(mail_, 1), Policy::kConfirm);
  EXPECT_EQ(of(mail_), Policy::kOpen);
  restore(mail_, 1);
  EXPECT_EQ(of(mail_), Policy::kConfirm) << "what comes back brings what guarded it";
  read_again();
  EXPECT_EQ(of(mail_), Policy::kConfirm);
}

TEST_F(RulesTest, DeletingAndSettingAgainLoosensNothing) {
  ASSERT_TRUE(set("mail", "one").ok());
  guard(mail_, Policy::kDeny);
  ASSERT_TRUE(vault_->remove(mail_, false, std::nullopt).ok());
  EXPECT_EQ(of(mail_), Policy::kDeny);
  ASSERT_TRUE(set("mail", "three").ok());
  EXPECT_EQ(of(mail_), Policy::kDeny);
}

TEST_F(RulesTest, AnItemThatMovesAwayKeepsWhatItsCollectionAskedFor) {
  ASSERT_TRUE(set("key", "v", {}, "prod").ok());
  guard("prod", Policy::kConfirm);
  const ItemName moved{"open", "key"};
  move({"prod", "key"}, moved);
  EXPECT_EQ(of(moved), Policy::kConfirm);
  move(moved, {"open", "renamed"});
  read_again();
  EXPECT_EQ(of({"open", "renamed"}), Policy::kConfirm);
}

TEST_F(RulesTest, PurgedItemsLeaveNothing) {
  ASSERT_TRUE(set("mail", "one").ok());
  const ItemId item = (*vault_->find(mail_))->item;
  guard(mail_, Policy::kDeny);
  ASSERT_TRUE(vault_->remove(mail_, true, std::nullopt).ok());
  rules_.forget(item);
  EXPECT_TRUE(rules_.nothing_set());
  EXPECT_TRUE(vault_->policy_records()->empty());
  ASSERT_TRUE(set("mail", "new").ok());
  EXPECT_EQ(of(mail_), Policy::kOpen);
}

TEST_F(RulesTest, TheRuleOfAVersionGoesWithTheVersion) {
  ASSERT_TRUE(set("mail", "one").ok());
  guard(mail_, Policy::kConfirm);
  ASSERT_TRUE(set("mail", "two").ok());
  guard(mail_, Policy::kOpen);
  EXPECT_EQ(vault_->policy_records()->size(), 1u);
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(set("mail", "next").ok());
  EXPECT_TRUE(vault_->policy_records()->empty());
  read_again();
}

TEST_F(RulesTest, RulesSwappedInTheFileAreNoticed) {
  ASSERT_TRUE(set("one", "1").ok());
  ASSERT_TRUE(set("two", "2").ok());
  guard(ItemName{"default", "one"}, Policy::kDeny);
  guard(ItemName{"default", "two"}, Policy::kAsk);
  close();
  sql(database(),
      "CREATE TEMP TABLE t AS SELECT * FROM policy ORDER BY subject;"
      "UPDATE policy SET sealed=(SELECT sealed FROM t WHERE t.subject<>policy.subject)");
  EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
}

TEST_F(RulesTest, AFailedWriteChangesNoRule) {
  ASSERT_TRUE(set("mail", "v").ok());
  Rule long_list = reading(Policy::kPinned);
  for (char c = 'a'; c < 'k'; ++c) long_list.pinned.push_back("/" + std::string(1000, c));
  EXPECT_EQ(reason_of(rules_.set_item(*vault_, mail_, long_list)), Reason::kLimit);
  EXPECT_EQ(reason_of(rules_.set_item(*vault_, {"default", "no"}, Rule())), Reason::kNotFound);
  EXPECT_TRUE(rules_.nothing_set());
}

}  // namespace
}  // namespace tacit
