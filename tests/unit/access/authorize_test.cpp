// The way of a request from its call to its verdict, over a real vault. The user is the test.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "daemon/access/access.h"
#include "daemon/access/asked_names.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Known at once, or when the test says so.
class Lookup final : public AskerLookup {
 public:
  void then(absl::AnyInvocable<void(std::shared_ptr<const Asker>)> function) override {
    if (asker_) return function(asker_);
    waiting_.push_back(std::move(function));
  }
  std::shared_ptr<const Asker> now() const override { return asker_; }
  void found(const Asker& asker) {
    asker_ = std::make_shared<Asker>(asker);
    for (auto& function : std::exchange(waiting_, {})) function(asker_);
  }

 private:
  std::shared_ptr<const Asker> asker_;
  std::vector<absl::AnyInvocable<void(std::shared_ptr<const Asker>)>> waiting_;
};

/// What was asked, to be answered by the test.
class User final : public Prompters {
 public:
  bool can_ask(const Asker&) const override { return present; }
  Waiting ask(Question question, Replied replied) override {
    asked.push_back(std::move(question));
    replies_[asked.size()] = std::move(replied);
    return asked.size();
  }
  void give_up(Waiting waiting) override { replies_.erase(waiting); }
  void notify(const std::string& notice) override { notices.push_back(notice); }

  std::size_t open() const { return replies_.size(); }
  void answer(Decision decision) {
    const auto first = replies_.begin();
    const Replied replied = std::move(first->second);
    replies_.erase(first);
    Reply reply;
    reply.decision = decision;
    replied(std::move(reply));
  }
  void fail(absl::Status why) {
    const auto first = replies_.begin();
    const Replied replied = std::move(first->second);
    replies_.erase(first);
    replied(std::move(why));
  }

  bool present = true;
  std::vector<Question> asked;
  std::vector<std::string> notices;

 private:
  std::map<Waiting, Replied> replies_;
};

class Log final : public Audit {
 public:
  absl::Status note(const AuditEntry& entry) override {
    rules.push_back((entry.verdict == AuditVerdict::kAllowed ? "+" : "-") + entry.rule);
    changes.push_back(entry.change);
    items.push_back(entry.item != nullptr ? entry.item->collection + ":" + entry.item->name : "");
    return broken ? make_error(Reason::kDiskFull, "the disk is full") : absl::OkStatus();
  }
  std::vector<std::string> rules;
  std::vector<std::string> changes;
  std::vector<std::string> items;
  bool broken = false;
};

class AuthorizeTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("mail", "v").ok());
    ASSERT_TRUE(set("bank", "v").ok());
    ASSERT_TRUE(set("key", "v", {}, "prod").ok());
    access_.connect(&user_, &log_);
    ASSERT_TRUE(access_.unlocked(*vault_).ok());
    Asker shell;
    Program bash;
    bash.pid = 200;
    bash.start_time = 20;
    bash.executable = "/usr/bin/bash";
    bash.file = {1, 20, 2};
    bash.file_known = true;
    shell.chain = {bash};
    shell.session = {AskerSession::Kind::kTerminal, 200, 20, 34816, ""};
    shell_ = shell;
    lookup_.found(shell);
  }

  void guard(const std::string& collection, Policy policy) {
    const absl::Status done = access_.rules().set_collection(*vault_, collection, rule_of(policy));
    ASSERT_TRUE(done.ok()) << done;
  }
  AccessTicket ask(std::vector<ItemName> items, Verb verb = Verb::kRead, bool may_ask = true,
                   bool each = false) {
    return ask_by(lookup_, std::move(items), verb, may_ask, each);
  }
  AccessTicket ask_by(AskerLookup& who, std::vector<ItemName> items, Verb verb = Verb::kRead,
                      bool may_ask = true, bool each = false) {
    return access_.authorize(
        {.asker = who,
         .method = verb == Verb::kAdmin ? "Admin.AddSlot" : "Secrets.Get",
         .verb = verb,
         .items = items,
         .each = each,
         .may_ask = may_ask},
        [this](const AccessVerdict& verdict) { verdicts_.push_back(verdict); });
  }
  /// The reason of the only verdict; "" if it was OK, "none" if there is none yet.
  std::string verdict() {
    if (verdicts_.empty()) return "none";
    EXPECT_EQ(verdicts_.size(), 1u);
    const absl::Status status = verdicts_.front().status;
    verdicts_.clear();
    return status.ok() ? "" : std::string(reason_name(reason_of(status)));
  }

  BootTime boot_now_ = hours(5);
  User user_;
  Log log_;
  Lookup lookup_;
  Asker shell_;
  bool open_ = true;
  std::vector<AccessVerdict> verdicts_;
  const ItemName mail_{"default", "mail"}, bank_{"default", "bank"}, key_{"prod", "key"};
  Access access_{
      {[this]() -> absl::StatusOr<Vault*> {
         if (open_) return vault_.get();
         return make_error(Reason::kLocked, "the vault is locked");
       },
       {[this] { return boot_now_; }, [this] { return now_; }, "boot", minutes(10), hours(12)},
       {[this] { return boot_now_; }, "boot", [](Narrowings::Root, std::function<void()>) {}},
       Rule()}};
};

TEST_F(AuthorizeTest, WhatIsOpenNeverWaits) {
  EXPECT_EQ(ask({mail_}), 0u);
  EXPECT_EQ(verdict(), "");
  EXPECT_EQ(log_.rules, std::vector<std::string>{"+open"});
}

TEST_F(AuthorizeTest, WaitsUntilItIsKnownWhoAsks) {
  Lookup slow;
  EXPECT_NE(ask_by(slow, {mail_}), 0u);
  EXPECT_EQ(verdict(), "none");
  slow.found(shell_);
  EXPECT_EQ(verdict(), "");
}

TEST_F(AuthorizeTest, ManyItemsOfACollectionAreOneQuestion) {
  guard("default", Policy::kAsk);
  guard("prod", Policy::kAsk);
  EXPECT_NE(ask({mail_, key_, bank_}), 0u);
  ASSERT_EQ(user_.asked.size(), 1u);
  EXPECT_EQ(user_.asked[0].collection, "default");
  EXPECT_EQ(user_.asked[0].names, (std::vector<std::string>{"mail", "bank"}));
  user_.answer(Decision::kOnce);
  ASSERT_EQ(user_.asked.size(), 2u);
  EXPECT_EQ(user_.asked[1].collection, "prod");
  EXPECT_EQ(verdict(), "none");
  user_.answer(Decision::kSession);
  EXPECT_EQ(verdict(), "");
  EXPECT_EQ(ask({key_}), 0u) << "said for the session";
  EXPECT_EQ(verdict(), "");
  EXPECT_NE(ask({mail_}), 0u) << "said for once";
  user_.answer(Decision::kDeny);
  EXPECT_EQ(verdict(), "USER_DENIED");
}

TEST_F(AuthorizeTest, EachUseIsAskedForWhereThePolicySaysSo) {
  guard("default", Policy::kConfirm);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(ask({mail_}), 0u);
    EXPECT_TRUE(user_.asked.back().each_use);
    user_.answer(Decision::kSession);  // which is no answer to this question
    EXPECT_EQ(verdict(), "");
  }
}

TEST_F(AuthorizeTest, ADenialForGoodAsksNoMore) {
  guard("default", Policy::kAsk);
  ask({mail_});
  user_.answer(Decision::kDenyAlways);
  EXPECT_EQ(verdict(), "USER_DENIED");
  EXPECT_EQ(ask({mail_}), 0u);
  EXPECT_EQ(verdict(), "POLICY_DENIED");
  EXPECT_EQ(user_.asked.size(), 1u);
}

TEST_F(AuthorizeTest, NobodyIsAskedWhereNobodyMayBe) {
  guard("default", Policy::kAsk);
  EXPECT_EQ(ask({mail_}, Verb::kRead, false), 0u);
  EXPECT_EQ(verdict(), "NO_PROMPTER");
  user_.present = false;
  EXPECT_EQ(ask({mail_}), 0u);
  EXPECT_EQ(verdict(), "NO_PROMPTER");
  EXPECT_TRUE(user_.asked.empty());
}

TEST_F(AuthorizeTest, WhatFailsBeforeItIsAskedAsksNothing) {
  guard("default", Policy::kAsk);
  guard("prod", Policy::kDeny);
  EXPECT_EQ(ask({mail_, key_}), 0u);
  EXPECT_EQ(verdict(), "POLICY_DENIED");
  EXPECT_TRUE(user_.asked.empty());
}

TEST_F(AuthorizeTest, ABatchIsJudgedItemByItem) {
  guard("prod", Policy::kDeny);
  EXPECT_EQ(ask({mail_, key_}, Verb::kRead, true, true), 0u);
  ASSERT_EQ(verdicts_.size(), 1u);
  EXPECT_TRUE(verdicts_[0].status.ok());
  ASSERT_EQ(verdicts_[0].items.size(), 2u);
  EXPECT_TRUE(verdicts_[0].items[0].ok());
  EXPECT_EQ(reason_of(verdicts_[0].items[1]), Reason::kPolicyDenied);
  // No to one collection is no word on the other.
  verdicts_.clear();
  guard("prod", Policy::kAsk);
  ask({mail_, key_}, Verb::kRead, true, true);
  user_.answer(Decision::kDeny);
  ASSERT_EQ(verdicts_.size(), 1u);
  EXPECT_TRUE(verdicts_[0].items[0].ok());
  EXPECT_EQ(reason_of(verdicts_[0].items[1]), Reason::kUserDenied);
}

TEST_F(AuthorizeTest, AnAnswerIsNoWordOnTheOtherItemsOfABatch) {
  const ItemName tool{"default", "tool"};
  ASSERT_TRUE(set("tool", "v").ok());
  guard("default", Policy::kAsk);
  Rule pinned = rule_of(Policy::kPinned);
  pinned.pinned = {"/usr/bin/other"};
  ASSERT_TRUE(access_.rules().set_item(*vault_, bank_, pinned).ok());
  Grant grant;
  grant.verbs = verb_bit(Verb::kRead);
  grant.collection = "default";
  grant.names = {tool};
  grant.items = {(*vault_->find(tool))->item};
  grant.path = "/usr/bin/bash";
  grant.uses_left = 2;
  const auto granted = access_.grants().prepare(*vault_, grant, hours(1));
  ASSERT_TRUE(granted.ok()) << granted.status();
  const std::string by_grant = "+grant " + std::to_string(*granted);
  const struct {
    Decision decision;
    std::string rule;
    Reason reason;
  } kAnswers[] = {{Decision::kDeny, "-user: deny", Reason::kUserDenied},
                  {Decision::kOnce, "+user: once", Reason::kUnspecified},
                  {Decision::kDenyAlways, "-user: never", Reason::kUserDenied}};
  for (const auto& each : kAnswers) {
    log_.rules.clear();
    verdicts_.clear();
    ask({mail_, bank_}, Verb::kRead, true, true);
    ASSERT_EQ(user_.asked.back().names, std::vector<std::string>{"mail"});
    user_.answer(each.decision);
    EXPECT_EQ(log_.rules, (std::vector<std::string>{each.rule, "-pinned"}));
    ASSERT_EQ(verdicts_.size(), 1u);
    EXPECT_EQ(reason_of(verdicts_[0].items[0]), each.reason);
    EXPECT_EQ(reason_of(verdicts_[0].items[1]), Reason::kPolicyDenied);
    EXPECT_NE(verdicts_[0].items[1].message().find("pinned"), absl::string_view::npos);
    if (each.decision != Decision::kOnce) continue;
    // What a grant allows stays the grant's, and is counted.
    log_.rules.clear();
    ask({mail_, tool}, Verb::kRead, true, true);
    ASSERT_EQ(user_.asked.back().names, std::vector<std::string>{"mail"});
    user_.answer(Decision::kOnce);
    EXPECT_EQ(log_.rules, (std::vector<std::string>{"+user: once", by_grant}));
    EXPECT_EQ(access_.grants().find(*granted)->uses_left, 1u);
  }
}

TEST_F(AuthorizeTest, NobodyAnsweredIsToldApartFromANo) {
  guard("default", Policy::kAsk);
  const std::pair<absl::Status, std::string> kEnds[] = {
      {make_error(Reason::kUserDenied, "no"), "-user: deny"},
      {unanswered(NoAnswer::kGone, "gone"), "-prompter: gone"},
      {unanswered(NoAnswer::kTimeout, "late"), "-prompter: no answer"},
      {unanswered(NoAnswer::kFailed, "failed"), "-prompter: failed"}};
  for (const auto& [end, rule] : kEnds) {
    log_.rules.clear();
    ask({mail_});
    user_.fail(end);
    EXPECT_EQ(verdict(), std::string(reason_name(reason_of(end))));
    EXPECT_EQ(log_.rules, std::vector<std::string>{rule});
  }
  open_ = false;
  log_.rules.clear();
  ask({mail_});
  user_.fail(unanswered(NoAnswer::kGone, "gone"));
  EXPECT_EQ(verdict(), "LOCKED");
  EXPECT_EQ(log_.rules, std::vector<std::string>{"-prompter: gone"});
}

TEST_F(AuthorizeTest, AnAnswerOnATerminalIsWrittenDown) {
  guard("default", Policy::kAsk);
  const auto asker = std::make_shared<Asker>(shell_);
  const std::vector<ItemName> items{mail_};
  const auto question = access_.question_for(asker, {.verb = Verb::kRead, .items = items});
  ASSERT_TRUE(question.ok() && question->has_value());
  ASSERT_TRUE(access_.settle(**question, Decision::kDeny).ok());
  ASSERT_TRUE(access_.settle(**question, Decision::kSession).ok());
  EXPECT_EQ(log_.rules, (std::vector<std::string>{"-user: deny", "+user: session"}));
}

TEST_F(AuthorizeTest, RulesAreAskedAgainAfterTheWait) {
  guard("default", Policy::kAsk);
  ask({mail_});
  guard("default", Policy::kDeny);
  user_.answer(Decision::kOnce);
  EXPECT_EQ(verdict(), "POLICY_DENIED");
}

TEST_F(AuthorizeTest, ALockEndsWhatWaits) {
  guard("default", Policy::kAsk);
  ask({mail_});
  access_.locked();
  EXPECT_EQ(verdict(), "LOCKED");
  EXPECT_EQ(user_.open(), 0u) << "its question went with it";
}

TEST_F(AuthorizeTest, ARequestThatGoesAwayTakesItsQuestionWithIt) {
  guard("default", Policy::kAsk);
  const AccessTicket ticket = ask({mail_});
  EXPECT_EQ(user_.open(), 1u);
  access_.give_up(ticket);
  EXPECT_EQ(user_.open(), 0u);
  EXPECT_EQ(verdict(), "none");
  access_.give_up(ticket);
}

TEST_F(AuthorizeTest, ALockedVaultIsOpenedOnDemand) {
  open_ = false;
  EXPECT_EQ(ask({mail_}, Verb::kRead, false), 0u);
  EXPECT_EQ(verdict(), "LOCKED");
  EXPECT_NE(ask({mail_}), 0u);
  ASSERT_EQ(user_.asked.size(), 1u);
  EXPECT_EQ(user_.asked[0].kind, QuestionKind::kUnlock);
  access_.locked();
  EXPECT_EQ(verdict(), "none") << "who waits for the vault goes on waiting";
  open_ = true;
  ASSERT_TRUE(access_.unlocked(*vault_).ok());
  user_.answer(Decision::kOnce);
  EXPECT_EQ(verdict(), "");
  open_ = false;
  ask({mail_});
  user_.fail(make_error(Reason::kUserDenied, "no"));
  EXPECT_EQ(verdict(), "USER_DENIED");
  ask({mail_});
  user_.fail(make_error(Reason::kNoPrompter, "it has gone"));
  EXPECT_EQ(verdict(), "LOCKED");
  EXPECT_NE(ask({}, Verb::kAdmin), 0u);
  EXPECT_EQ(user_.asked.back().kind, QuestionKind::kUnlock);
}

TEST_F(AuthorizeTest, WhoWantsTheVaultOpenAloneIsJudgedLater) {
  guard("default", Policy::kDeny);
  const auto open_for = [this](bool may_ask) {
    return access_.authorize(
        {.asker = lookup_,
         .method = "Secrets.GetOrAsk",
         .verb = Verb::kWrite,
         .items = {&mail_, 1},
         .unlock_alone = true,
         .may_ask = may_ask},
        [this](const AccessVerdict& verdict) { verdicts_.push_back(verdict); });
  };
  EXPECT_EQ(open_for(true), 0u);
  EXPECT_EQ(verdict(), "");
  EXPECT_TRUE(log_.rules.empty()) << "nothing was decided";
  open_ = false;
  EXPECT_EQ(open_for(false), 0u);
  EXPECT_EQ(verdict(), "LOCKED");
  EXPECT_NE(open_for(true), 0u);
  EXPECT_EQ(user_.asked.back().kind, QuestionKind::kUnlock);
}

TEST_F(AuthorizeTest, TwoVersionsOfOneItemAreOneName) {
  guard("default", Policy::kAsk);
  const std::vector<ItemName> items{mail_, bank_, mail_, bank_};
  const std::vector<std::uint64_t> versions{2, 0, 1, 0};
  access_.authorize({.asker = lookup_,
                     .method = "Secrets.GetBatch",
                     .verb = Verb::kRead,
                     .items = items,
                     .versions = versions,
                     .each = true,
                     .may_ask = true},
                    [](const AccessVerdict&) {});
  ASSERT_EQ(user_.asked.size(), 1u);
  EXPECT_EQ(user_.asked[0].names, (std::vector<std::string>{"mail (versions 1, 2)", "bank"}));
}

TEST(AskedNames, TellTheNewestAmongOthers) {
  AskedNames names;
  names.add("a", 3);
  names.add("b", 0);
  names.add("b", 7);
  EXPECT_EQ(names.take(), (std::vector<std::string>{"a (version 3)", "b (newest, version 7)"}));
  EXPECT_TRUE(names.take().empty());
}

TEST_F(AuthorizeTest, AdministrationGoesOnOnlyIfItIsWrittenDown) {
  EXPECT_EQ(ask({}, Verb::kAdmin), 0u);
  EXPECT_EQ(verdict(), "");
  log_.broken = true;
  ask({}, Verb::kAdmin);
  EXPECT_EQ(verdict(), "DISK_FULL");
  ask({mail_});
  EXPECT_EQ(verdict(), "") << "reads go on";
}

TEST_F(AuthorizeTest, WhatAdministrationChangesIsWrittenDownBeforeItDoes) {
  AccessVerdict let_in;
  access_.authorize(
      {.asker = lookup_, .method = "Admin.AddSlot", .verb = Verb::kAdmin, .told_later = true},
      [&](const AccessVerdict& verdict) { let_in = verdict; });
  ASSERT_TRUE(let_in.status.ok());
  EXPECT_TRUE(log_.rules.empty()) << "nothing was changed so far";
  EXPECT_TRUE(access_.note_change(let_in, "Admin.AddSlot", {{}, "add a slot"}).ok());
  EXPECT_EQ(log_.rules, std::vector<std::string>{"+admin"});
  EXPECT_EQ(log_.changes, std::vector<std::string>{"add a slot"});
  log_.broken = true;
  EXPECT_EQ(reason_of(access_.note_change(let_in, "Admin.AddSlot", {})), Reason::kDiskFull);
  EXPECT_TRUE(access_.note_change(let_in, "Admin.AcceptRollback", {}).ok()) << "the way out";
}

TEST_F(AuthorizeTest, AnAgentAsksEvenToAdminister) {
  Asker agent = shell_;
  agent.agent_marker = "ROBOT";
  Lookup of_agent;
  of_agent.found(agent);
  EXPECT_NE(ask_by(of_agent, {}, Verb::kAdmin), 0u);
  EXPECT_TRUE(user_.asked.back().each_use);
  user_.answer(Decision::kOnce);
  EXPECT_EQ(verdict(), "");
  EXPECT_NE(ask_by(of_agent, {mail_}), 0u);
  user_.answer(Decision::kSession);
  EXPECT_EQ(verdict(), "");
  EXPECT_EQ(ask_by(of_agent, {bank_}), 0u);
  EXPECT_EQ(verdict(), "");
}

TEST_F(AuthorizeTest, AnAnswerOnATerminalIsForTheNextCallOfItsProcess) {
  guard("default", Policy::kConfirm);
  user_.present = false;
  const auto asker = std::make_shared<Asker>(shell_);
  const std::vector<ItemName> items{mail_, bank_};
  const auto question = access_.question_for(asker, {.verb = Verb::kRead, .items = items});
  ASSERT_TRUE(question.ok() && question->has_value());
  EXPECT_TRUE((*question)->each_use);
  EXPECT_EQ((*question)->names.size(), 2u);
  ASSERT_TRUE(access_.settle(**question, Decision::kOnce).ok());
  ask({mail_, bank_});
  EXPECT_EQ(verdict(), "");
  ask({mail_});
  EXPECT_EQ(verdict(), "NO_PROMPTER");
}

TEST_F(AuthorizeTest, AnOlderVersionsRuleIsAskedAboutOnATerminalAsWell) {
  guard("default", Policy::kOpen);
  ASSERT_TRUE(access_.rules().set_item(*vault_, mail_, rule_of(Policy::kConfirm)).ok());
  ASSERT_TRUE(set("mail", "newer").ok());
  ASSERT_TRUE(access_.rules().set_item(*vault_, mail_, rule_of(Policy::kOpen)).ok());
  const auto asker = std::make_shared<Asker>(shell_);
  const std::vector<ItemName> items{mail_};
  const std::vector<std::uint64_t> first{1};
  const auto newest = access_.question_for(asker, {.verb = Verb::kRead, .items = items});
  ASSERT_TRUE(newest.ok());
  EXPECT_FALSE(newest->has_value());
  const auto older =
      access_.question_for(asker, {.verb = Verb::kRead, .items = items, .versions = first});
  ASSERT_TRUE(older.ok() && older->has_value());
  EXPECT_EQ((*older)->names, std::vector<std::string>{"mail (version 1)"});
}

TEST_F(AuthorizeTest, WhatAdministrationIsToDoIsAskedAndWrittenDownWhenItIsRefused) {
  Asker agent = shell_;
  agent.agent_marker = "ROBOT";
  Lookup of_agent;
  of_agent.found(agent);
  const auto refused = [this](const AccessVerdict& verdict) { verdicts_.push_back(verdict); };
  access_.authorize({.asker = of_agent,
                     .method = "Access.SetPolicy",
                     .verb = Verb::kAdmin,
                     .may_ask = true,
                     .told_later = true,
                     .planned = {.subjects = {mail_, bank_}, .change = "read: ask -> open"}},
                    refused);
  EXPECT_EQ(user_.asked.back().change,
            "change the policy of mail in the collection default, bank in the collection default: "
            "read: ask -> open");
  log_.changes.clear();
  user_.answer(Decision::kDeny);
  EXPECT_EQ(verdict(), "USER_DENIED");
  EXPECT_EQ(log_.changes, (std::vector<std::string>{"read: ask -> open", "read: ask -> open"}));
  EXPECT_EQ(log_.items, (std::vector<std::string>{"default:mail", "default:bank"}));
}

/// What is asked for a process tree, for so long.
class ForATree : public AuthorizeTest {
 protected:
  /// What `Access.Narrow` asks for.
  AccessVerdict narrow(std::chrono::milliseconds lifetime) {
    verdicts_.clear();
    const std::vector<ItemName> items{mail_};
    access_.authorize({.asker = lookup_,
                       .method = "Access.Narrow",
                       .verb = Verb::kRead,
                       .items = items,
                       .may_ask = true,
                       .lifetime = lifetime},
                      [this](const AccessVerdict& verdict) { verdicts_.push_back(verdict); });
    if (user_.open() != 0) user_.answer(Decision::kOnce);
    return verdicts_.back();
  }
};

TEST_F(ForATree, TheQuestionSaysForHowLongAndTheYesEndsWithIt) {
  guard("default", Policy::kAsk);
  const AccessVerdict verdict = narrow(hours(3));
  ASSERT_TRUE(verdict.status.ok());
  EXPECT_EQ(user_.asked.back().lifetime, hours(3));
  EXPECT_FALSE(user_.asked.back().for_session());
  EXPECT_EQ(verdict.hold_until, std::vector<BootTime>{boot_now_ + hours(3)});
}

TEST_F(ForATree, AYesEndsAtTheHardLimit) {
  guard("default", Policy::kAsk);
  EXPECT_EQ(narrow(hours(24 * 366)).hold_until, std::vector<BootTime>{boot_now_ + hours(12)});
}

TEST_F(ForATree, WhatIsOpenHoldsNothingForLater) {
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{BootTime{}});
  guard("prod", Policy::kAsk);
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{BootTime{}});
}

TEST_F(ForATree, AGrantOfOneUseIsForOneUse) {
  guard("default", Policy::kAsk);
  user_.present = false;
  Grant grant;
  grant.verbs = verb_bit(Verb::kRead);
  grant.collection = "default";
  grant.path = shell_.chain[0].executable;
  grant.uses_left = 1;
  ASSERT_TRUE(access_.grants().prepare(*vault_, grant, hours(24)).ok());
  const AccessVerdict verdict = narrow(hours(1));
  ASSERT_TRUE(verdict.status.ok()) << verdict.status;
  EXPECT_EQ(verdict.hold_until, std::vector<BootTime>{BootTime{}});
}

TEST_F(ForATree, AGrantWithoutCountedUsesHoldsAsLongAsItself) {
  guard("default", Policy::kAsk);
  Grant grant;
  grant.verbs = verb_bit(Verb::kRead);
  grant.collection = "default";
  grant.path = shell_.chain[0].executable;
  ASSERT_TRUE(access_.grants().prepare(*vault_, grant, minutes(30)).ok());
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{boot_now_ + minutes(30)});
  EXPECT_EQ(narrow(minutes(5)).hold_until, std::vector<BootTime>{boot_now_ + minutes(5)});
}

TEST_F(ForATree, AYesOnATerminalIsForWhatTheUserWasToldThere) {
  guard("default", Policy::kAsk);
  user_.present = false;
  const auto asker = std::make_shared<Asker>(shell_);
  const std::vector<ItemName> items{mail_};
  const auto say_yes = [&](std::chrono::milliseconds told) {
    const auto question =
        access_.question_for(asker, {.verb = Verb::kRead, .items = items, .lifetime = told});
    ASSERT_TRUE(question.ok() && question->has_value());
    ASSERT_TRUE(access_.settle(**question, Decision::kOnce).ok());
  };
  say_yes(hours(1));
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{boot_now_ + hours(1)});
  say_yes(minutes(1));
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{BootTime{}})
      << "told of a minute, and then an hour was taken";
  say_yes({});
  EXPECT_EQ(narrow(hours(1)).hold_until, std::vector<BootTime>{BootTime{}});
}

}  // namespace
}  // namespace tacit
