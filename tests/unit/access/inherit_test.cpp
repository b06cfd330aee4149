// What is inherited is judged, asked about and logged where it lies. The user is the test.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/access/access.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class Known final : public AskerLookup {
 public:
  explicit Known(const Asker& asker) : asker_(std::make_shared<Asker>(asker)) {}
  void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) override {
    function(asker_);
  }
  std::shared_ptr<const Asker> now() const override { return asker_; }

 private:
  std::shared_ptr<const Asker> asker_;
};

class Log final : public Audit {
 public:
  absl::Status note(const AuditEntry& entry) override {
    lines.push_back((entry.verdict == AuditVerdict::kAllowed ? "+" : "-") + entry.rule +
                    (entry.item ? " " + entry.item->collection + ":" + entry.item->name : ""));
    return absl::OkStatus();
  }
  std::vector<std::string> lines;
};

/// Answers when the test says so.
class User final : public Prompters {
 public:
  bool can_ask(const Asker&) const override { return true; }
  Waiting ask(Question question, Replied replied) override {
    asked.push_back(std::move(question));
    replied_ = std::move(replied);
    return 1;
  }
  void give_up(Waiting) override {}
  void notify(const std::string&) override {}
  void say(Decision decision) {
    Reply reply;
    reply.decision = decision;
    std::exchange(replied_, {})(std::move(reply));
  }
  std::vector<Question> asked;

 private:
  Replied replied_;
};

class InheritTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("base", "v", {}, "x").ok());
    ASSERT_TRUE(set("own", "v", {}, "x/prod").ok());
    access_.connect(nullptr, &log_);
    ASSERT_TRUE(access_.unlocked(*vault_).ok());
    shell_.chain.resize(1);
    shell_.chain[0].pid = 200;
    shell_.chain[0].executable = "/usr/bin/bash";
    shell_.chain[0].file_known = true;
    agent_ = shell_;
    agent_.agent_marker = "AGENT";
  }
  void guard(const std::string& collection, Policy policy) {
    ASSERT_TRUE(access_.rules().set_collection(*vault_, collection, rule_of(policy)).ok());
  }
  AccessVerdict judged(const Asker& asker, std::vector<ItemName> items, bool bulk = false) {
    Known who(asker);
    AccessVerdict out;
    access_.authorize({.asker = who,
                       .method = "Secrets.GetBatch",
                       .verb = Verb::kRead,
                       .items = items,
                       .each = bulk,
                       .inherits = true,
                       .bulk = bulk},
                      [&](const AccessVerdict& verdict) { out = verdict; });
    return out;
  }
  std::string reason(const Asker& asker, const ItemName& item) {
    return std::string(reason_name(reason_of(judged(asker, {item}).status)));
  }
  std::optional<Question> question(const ItemName& item) {
    auto found = access_.question_for(std::make_shared<Asker>(shell_),
                                      {.verb = Verb::kRead, .items = {&item, 1}});
    EXPECT_TRUE(found.ok());
    return found.ok() ? *std::move(found) : std::nullopt;
  }
  using Lines = std::vector<std::string>;

  Log log_;
  Asker shell_;
  Asker agent_;
  const ItemName base_{"x/prod", "base"};
  Access access_{{[this]() -> absl::StatusOr<Vault*> { return vault_.get(); },
                  {[] { return BootTime(std::chrono::hours(5)); }, [this] { return now_; }, "boot",
                   std::chrono::minutes(10), std::chrono::hours(12)},
                  {[] { return BootTime(std::chrono::hours(5)); }, "boot",
                   [](Narrowings::Root, const std::function<void()>&) {}},
                  Rule()}};
};

TEST_F(InheritTest, TheLogNamesWhatIsRead) {
  EXPECT_EQ(reason(shell_, base_), "UNSPECIFIED");
  EXPECT_EQ(reason(shell_, {"x/prod", "own"}), "UNSPECIFIED");
  guard("elsewhere", Policy::kDeny);  // from now on everything is judged
  EXPECT_EQ(reason(shell_, base_), "UNSPECIFIED");
  EXPECT_EQ(log_.lines, (Lines{"+open x:base", "+open x/prod:own", "+open x:base"}));
}

TEST_F(InheritTest, TheStricterOfBothCollectionsHolds) {
  guard("x/prod", Policy::kDeny);
  EXPECT_EQ(reason(shell_, base_), "POLICY_DENIED");
  EXPECT_EQ(reason(shell_, {"x", "base"}), "UNSPECIFIED");
  guard("x/prod", Policy::kAsk);
  EXPECT_EQ(reason(shell_, base_), "NO_PROMPTER");
  guard("x/prod", Policy::kOpen);
  guard("x", Policy::kConfirm);
  EXPECT_EQ(reason(shell_, base_), "NO_PROMPTER");
  EXPECT_EQ(reason(shell_, {"x/prod", "own"}), "UNSPECIFIED");
}

TEST_F(InheritTest, TheQuestionIsAboutWhatIsRead) {
  EXPECT_FALSE(question(base_).has_value());
  guard("x", Policy::kConfirm);
  const auto asked = question(base_);
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->collection, "x");
  EXPECT_EQ(asked->names, Lines{"base"});
  EXPECT_TRUE(asked->each_use);
  ASSERT_TRUE(access_.settle(*asked, Decision::kOnce).ok());
  EXPECT_EQ(reason(shell_, base_), "UNSPECIFIED");
  EXPECT_EQ(reason(shell_, base_), "NO_PROMPTER");
}

TEST_F(InheritTest, WhatIsInheritedOnlyByNowWasNotConsentedTo) {
  guard("x", Policy::kAsk);
  ASSERT_TRUE(set("base", "own one", {}, "x/prod").ok());
  User user;
  access_.connect(&user, &log_);
  const AccessVerdict call = judged(shell_, {base_});
  ASSERT_TRUE(call.status.ok());
  EXPECT_TRUE(user.asked.empty());
  EXPECT_TRUE(access_.still(call, base_, 0, true).ok());
  ASSERT_TRUE(vault_->remove(base_, true, std::nullopt).ok());
  EXPECT_EQ(reason_of(access_.still(call, base_, 0, true)), Reason::kPolicyDenied);
}

TEST_F(InheritTest, AnExplanationIsOfWhatIsRead) {
  guard("x", Policy::kDeny);
  for (const Verb verb : {Verb::kRead, Verb::kList}) {
    EXPECT_EQ(access_.explain(shell_, verb, base_)->outcome, Outcome::kDeny) << verb_name(verb);
  }
  // What is written there is not the parent's.
  EXPECT_EQ(access_.explain(shell_, Verb::kWrite, base_)->outcome, Outcome::kAllow);
  EXPECT_EQ(access_.explain(shell_, Verb::kRead, {"x/prod", "own"})->outcome, Outcome::kAllow);
}

TEST_F(InheritTest, WhatIsListedIsAskedAboutWhereItLiesAndElseHere) {
  guard("x", Policy::kAsk);
  const auto who = std::make_shared<Asker>(shell_);
  const auto above = access_.question_for(who, {.verb = Verb::kList, .items = {&base_, 1}});
  ASSERT_TRUE(above.ok() && above->has_value());
  EXPECT_EQ((*above)->collection, "x");
  // Of a call that does not look above, once that stands in nobody's way.
  access_.grants().allow_session(shell_, Verb::kList, "x");
  guard("x/prod", Policy::kAsk);
  const auto here = access_.question_for(who, {.verb = Verb::kList, .items = {&base_, 1}});
  ASSERT_TRUE(here.ok() && here->has_value());
  EXPECT_EQ((*here)->collection, "x/prod");
}

TEST_F(InheritTest, AQuestionAboutEverythingNamesNothing) {
  guard("x", Policy::kAsk);
  const auto asked = question({"x", ""});
  ASSERT_TRUE(asked.has_value());
  EXPECT_TRUE(asked->names.empty());
  ASSERT_TRUE(access_.settle(*asked, Decision::kOnce).ok());
  const AccessVerdict all = judged(shell_, {{"x", "base"}}, true);
  ASSERT_EQ(all.items.size(), 1u);
  EXPECT_TRUE(all.items[0].ok());
}

TEST_F(InheritTest, AYesIsNoneForAnotherItemThatIsFoundByThen) {
  User user;
  access_.connect(&user, &log_);
  guard("x", Policy::kAsk);
  guard("x/prod", Policy::kConfirm);
  Known who(shell_);
  std::vector<AccessVerdict> verdicts;
  access_.authorize({.asker = who,
                     .method = "Secrets.Get",
                     .verb = Verb::kRead,
                     .items = {&base_, 1},
                     .may_ask = true,
                     .inherits = true},
                    [&](const AccessVerdict& verdict) { verdicts.push_back(verdict); });
  ASSERT_EQ(user.asked.size(), 1u);
  EXPECT_EQ(user.asked[0].collection, "x");
  ASSERT_TRUE(set("base", "nearer", {}, "x/prod").ok());
  user.say(Decision::kOnce);
  ASSERT_EQ(user.asked.size(), 2u);
  EXPECT_EQ(user.asked[1].collection, "x/prod");
  EXPECT_TRUE(verdicts.empty());
  user.say(Decision::kOnce);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_TRUE(verdicts[0].status.ok());
  access_.connect(nullptr, &log_);
}

TEST_F(InheritTest, AnAgentsBulkIsOneRefusal) {
  const AccessVerdict all = judged(agent_, {base_, {"x/prod", "own"}}, true);
  EXPECT_EQ(reason_of(all.status), Reason::kPolicyDenied);
  EXPECT_EQ(log_.lines, Lines{"-agent"});
}

TEST_F(InheritTest, WhatMayNotBeListedIsNotReadInBulk) {
  Rule hidden;
  hidden.set_policy(Verb::kList, Policy::kDeny);
  ASSERT_TRUE(access_.rules().set_item(*vault_, {"x", "base"}, hidden).ok());
  const AccessVerdict all = judged(shell_, {base_, {"x/prod", "own"}}, true);
  ASSERT_EQ(all.items.size(), 2u);
  EXPECT_EQ(reason_of(all.items[0]), Reason::kPolicyDenied);
  EXPECT_TRUE(all.items[1].ok());
  EXPECT_EQ(reason(shell_, base_), "UNSPECIFIED");  // by its name it may be read
}

}  // namespace
}  // namespace tacit
