// Who may what, decided from rules, grants and narrowings; no process and no clock but the test's.
#include "daemon/access/judge.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "daemon/os/peer_identity.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kBoot[] = "6a0c1a52-58f5-4f0e-a6d5-000000000001";

Program program(pid_t pid, std::uint64_t start, const std::string& path, ino_t inode) {
  Program out;
  out.pid = pid;
  out.start_time = start;
  out.executable = path;
  out.file = {1, inode, 1};
  out.file_known = true;
  return out;
}

/// A shell in a terminal that runs `tacit`.
Asker shell() {
  Asker asker;
  asker.chain = {program(300, 30, "/usr/bin/tacit", 10), program(200, 20, "/usr/bin/bash", 20)};
  asker.program = 1;
  asker.session = {AskerSession::Kind::kTerminal, 200, 20, 34816, ""};
  asker.terminal = "/dev/pts/0";
  return asker;
}

Asker agent() {
  Asker asker = shell();
  asker.agent_marker = "ROBOT";
  return asker;
}

class JudgeTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("mail", "v").ok());
    ASSERT_TRUE(set("bank", "v").ok());
    mail_ = (*vault_->find({"default", "mail"}))->item;
    bank_ = (*vault_->find({"default", "bank"}))->item;
    make_grants(kBoot);
    make_narrowings(kBoot);
  }
  void make_narrowings(const std::string& boot) {
    narrowings_ = std::make_unique<Narrowings>(
        Narrowings::Setup{[this] { return boot_now_; }, boot,
                          [this](Narrowings::Root, std::function<void()> ended) {
                            ends_.push_back(std::move(ended));
                          }});
  }
  void make_grants(const std::string& boot) {
    grants_ = std::make_unique<Grants>(Grants::Setup{
        [this] { return boot_now_; }, [this] { return wall_now_; }, boot, minutes(10), hours(12)});
  }
  /// As another daemon would find them.
  void load_grants(const std::string& boot) {
    make_grants(boot);
    const auto records = vault_->policy_records();
    ASSERT_TRUE(records.ok());
    for (const auto& record : *records) ASSERT_TRUE(grants_->load(record));
  }

  Judgement judge(const Asker& asker, Policy policy, Verb verb = Verb::kRead,
                  const ItemId* item = nullptr, bool consented = false) {
    rule_ = rule_of(policy);
    rule_.pinned = pinned_;
    rule_.tripwire = tripwire_;
    Guard guard;
    guard.add(Guard::Source::kItem, &rule_);
    const std::string collection = "default";
    return Judge(*grants_, *narrowings_)
        .judge({.asker = asker,
                .verb = verb,
                .guard = guard,
                .collection = collection,
                .item = item == nullptr ? &mail_ : item,
                .one_item = true,
                .consented = consented},
               boot_now_);
  }
  Outcome outcome(const Asker& asker, Policy policy, Verb verb = Verb::kRead,
                  const ItemId* item = nullptr) {
    return judge(asker, policy, verb, item).outcome;
  }
  Grant for_program(const std::string& path) {
    Grant grant;
    grant.collection = "default";
    grant.verbs = verb_bit(Verb::kRead);
    grant.path = path;
    grant.items = {mail_};
    grant.names = {{"default", "mail"}};
    return grant;
  }

  BootTime boot_now_ = hours(5);
  UnixMillis wall_now_ = 1'700'000'000'000;
  std::unique_ptr<Grants> grants_;
  std::vector<std::function<void()>> ends_;  ///< of narrowed roots, in their order
  std::unique_ptr<Narrowings> narrowings_;
  ItemId mail_{}, bank_{};
  Rule rule_;
  std::vector<std::string> pinned_;
  bool tripwire_ = false;
};

TEST_F(JudgeTest, EachPolicyHasItsOutcome) {
  EXPECT_EQ(outcome(shell(), Policy::kOpen), Outcome::kAllow);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
  EXPECT_EQ(outcome(shell(), Policy::kConfirm), Outcome::kConfirm);
  EXPECT_EQ(outcome(shell(), Policy::kPinned), Outcome::kDeny);
  EXPECT_EQ(outcome(shell(), Policy::kDeny), Outcome::kDeny);
  EXPECT_EQ(judge(shell(), Policy::kConfirm, Verb::kRead, nullptr, true).outcome, Outcome::kAllow);
  EXPECT_EQ(judge(shell(), Policy::kDeny, Verb::kRead, nullptr, true).outcome, Outcome::kDeny)
      << "no yes of the user opens what is denied";
}

TEST_F(JudgeTest, WhereOthersMayAgentsAndTheUnknownAsk) {
  EXPECT_EQ(outcome(agent(), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(judge(agent(), Policy::kOpen).rule, "agent");
  Asker unknown = shell();
  unknown.unknown_because = "its parent cannot be read";
  EXPECT_EQ(outcome(unknown, Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(judge(unknown, Policy::kOpen).rule, "unknown");
  const Judge judge_of(*grants_, *narrowings_);
  Guard open;
  EXPECT_EQ(judge_of.judge_bulk({agent(), Verb::kList, open, true, false}, boot_now_).outcome,
            Outcome::kDeny);
  EXPECT_EQ(judge_of.judge_bulk({shell(), Verb::kList, open, true, false}, boot_now_).outcome,
            Outcome::kAllow);
  EXPECT_EQ(judge_of.judge_bulk({unknown, Verb::kList, open, true, false}, boot_now_).outcome,
            Outcome::kAsk);
  EXPECT_EQ(judge_of.judge_admin(shell(), false, false, boot_now_).outcome, Outcome::kAllow);
  EXPECT_EQ(judge_of.judge_admin(agent(), false, false, boot_now_).outcome, Outcome::kConfirm);
  EXPECT_EQ(judge_of.judge_admin(agent(), true, false, boot_now_).outcome, Outcome::kConfirm);
  EXPECT_EQ(judge_of.judge_admin(unknown, false, false, boot_now_).outcome, Outcome::kConfirm);
  EXPECT_EQ(judge_of.judge_admin(unknown, false, true, boot_now_).outcome, Outcome::kAllow);
  EXPECT_EQ(judge_of.judge_admin(unknown, true, false, boot_now_).outcome, Outcome::kAllow)
      << "it proves itself by the credential";
}

TEST_F(JudgeTest, ANeverHoldsForAdministrationAsWell) {
  ASSERT_TRUE(grants_->deny_always(*vault_, agent(), "").ok());
  const Judge judge_of(*grants_, *narrowings_);
  EXPECT_EQ(judge_of.judge_admin(agent(), false, false, boot_now_).outcome, Outcome::kDeny);
  EXPECT_EQ(judge_of.judge_admin(shell(), false, false, boot_now_).outcome, Outcome::kAllow);
}

TEST_F(JudgeTest, PinnedIsTheFileThatRunsAndNoOther) {
  pinned_ = {"/usr/bin/bash"};
  EXPECT_EQ(outcome(shell(), Policy::kPinned), Outcome::kAllow);
  Asker replaced = shell();
  replaced.chain[1].file_known = false;
  EXPECT_EQ(outcome(replaced, Policy::kPinned), Outcome::kDeny);
  Asker script = shell();
  script.chain[1].script = "/home/ann/deploy.sh";
  pinned_ = {"/home/ann/deploy.sh"};
  EXPECT_EQ(outcome(script, Policy::kPinned), Outcome::kAllow);
  EXPECT_EQ(outcome(shell(), Policy::kPinned), Outcome::kDeny);
  pinned_ = {"/home/ann/deploy.sh"};
  script.agent_marker = "ROBOT";
  EXPECT_EQ(outcome(script, Policy::kPinned), Outcome::kAsk) << "an agent asks all the same";
}

TEST_F(JudgeTest, AnAnswerForTheSessionHoldsForThisProgramHereOnly) {
  grants_->allow_session(shell(), Verb::kRead, "default");
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  EXPECT_EQ(outcome(shell(), Policy::kAsk, Verb::kList), Outcome::kAllow);
  EXPECT_EQ(outcome(shell(), Policy::kAsk, Verb::kWrite), Outcome::kAsk);
  EXPECT_EQ(outcome(shell(), Policy::kConfirm), Outcome::kConfirm);
  Asker other_terminal = shell();
  other_terminal.session.leader = 201;
  EXPECT_EQ(outcome(other_terminal, Policy::kAsk), Outcome::kAsk);
  Asker replaced = shell();
  replaced.chain[1].file.changed_ns = 99;
  EXPECT_EQ(outcome(replaced, Policy::kAsk), Outcome::kAsk);
  EXPECT_EQ(outcome(agent(), Policy::kAsk), Outcome::kAsk) << "said outside of the agent's tree";
}

TEST_F(JudgeTest, WhatHasNoNameIsGrantedToOneProcess) {
  Asker python = shell();
  python.chain[1].unnamed_script = true;
  grants_->allow_session(python, Verb::kRead, "default");
  EXPECT_EQ(outcome(python, Policy::kAsk), Outcome::kAllow);
  python.chain[1].pid = 201;
  EXPECT_EQ(outcome(python, Policy::kAsk), Outcome::kAsk);
}

TEST_F(JudgeTest, ASessionsGrantEndsWhenIdleAndInAnyCase) {
  const std::uint64_t id = grants_->allow_session(shell(), Verb::kRead, "default");
  boot_now_ += minutes(10);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  boot_now_ += seconds(1);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
  const std::uint64_t again = grants_->allow_session(shell(), Verb::kRead, "default");
  EXPECT_NE(id, again);
  for (int i = 0; i < 12 * 6; ++i) {
    EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow) << i;
    wall_now_ -= hours(24) / milliseconds(1);  // a clock set back gives nothing
    boot_now_ += minutes(10);
    if (i < 71) {
      ASSERT_TRUE(grants_->used(*vault_, again).ok());
    }
  }
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
}

TEST_F(JudgeTest, ADenialForGoodOutlivesTheLockAndGrantsDoNot) {
  grants_->allow_session(shell(), Verb::kRead, "prod");
  ASSERT_TRUE(grants_->deny_always(*vault_, shell(), "default").ok());
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kDeny);
  EXPECT_EQ(outcome(shell(), Policy::kOpen), Outcome::kAllow);
  reopen();
  load_grants(kBoot);
  ASSERT_EQ(grants_->all().size(), 1u);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kDeny);
  Asker updated = shell();
  updated.chain[1].file.changed_ns = 99;
  EXPECT_EQ(outcome(updated, Policy::kAsk), Outcome::kDeny) << "an update is no way around it";
  ASSERT_TRUE(grants_->revoke(*vault_, grants_->all()[0].id).ok());
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
  EXPECT_TRUE(vault_->policy_records()->empty());
}

TEST_F(JudgeTest, APreparedGrantIsUsedUp) {
  Grant grant = for_program("/usr/bin/bash");
  grant.uses_left = 2;
  const auto id = grants_->prepare(*vault_, grant, hours(1));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(judge(shell(), Policy::kAsk).grant, *id);
  EXPECT_EQ(outcome(shell(), Policy::kConfirm), Outcome::kAllow) << "it names the item";
  EXPECT_EQ(outcome(shell(), Policy::kAsk, Verb::kRead, &bank_), Outcome::kAsk);
  EXPECT_EQ(outcome(shell(), Policy::kAsk, Verb::kWrite), Outcome::kAsk);
  ASSERT_TRUE(grants_->used(*vault_, *id).ok());
  // What was used is used, whatever happens to the daemon.
  reopen();
  load_grants(kBoot);
  ASSERT_TRUE(grants_->used(*vault_, *id).ok());
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
  EXPECT_EQ(reason_of(grants_->used(*vault_, *id)), Reason::kPolicyDenied);
  reopen();
  load_grants(kBoot);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
}

TEST_F(JudgeTest, APreparedGrantEndsByTheBootClockAndByTheWallClockAfterABoot) {
  ASSERT_TRUE(grants_->prepare(*vault_, for_program("/usr/bin/bash"), hours(1)).ok());
  wall_now_ -= hours(48) / milliseconds(1);
  boot_now_ += minutes(59);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  load_grants(kBoot);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  boot_now_ += minutes(2);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk) << "though the wall clock was set back";
  load_grants("another boot");
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk) << "a clock from before it was made";
  wall_now_ += hours(48) / milliseconds(1) + minutes(30) / milliseconds(1);
  boot_now_ = minutes(1);
  load_grants("another boot");
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  boot_now_ += minutes(31);
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
}

TEST_F(JudgeTest, AProcessTreesGrantIsForItsDescendants) {
  Grant grant = for_program("");
  grant.root = 200;
  grant.root_start = 20;
  ASSERT_TRUE(grants_->prepare(*vault_, grant, hours(1)).ok());
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAllow);
  EXPECT_EQ(outcome(agent(), Policy::kOpen), Outcome::kAllow);
  Asker reused = shell();
  reused.chain[1].start_time = 21;
  EXPECT_EQ(outcome(reused, Policy::kAsk), Outcome::kAsk);
  load_grants("another boot");
  EXPECT_EQ(outcome(shell(), Policy::kAsk), Outcome::kAsk);
}

TEST_F(JudgeTest, OnceIsOneCallOfThatProcess) {
  const std::uint64_t id = grants_->allow_once(shell(), Verb::kRead, "default");
  EXPECT_EQ(outcome(shell(), Policy::kConfirm), Outcome::kAllow);
  Asker another = shell();
  another.chain[0].pid = 301;
  EXPECT_EQ(outcome(another, Policy::kConfirm), Outcome::kConfirm);
  ASSERT_TRUE(grants_->used(*vault_, id).ok());
  EXPECT_EQ(outcome(shell(), Policy::kConfirm), Outcome::kConfirm);
}

TEST_F(JudgeTest, ADecoyIsGivenToWhoeverMayNotBeTold) {
  tripwire_ = true;
  EXPECT_EQ(judge(agent(), Policy::kConfirm).rule, "tripwire");
  EXPECT_EQ(outcome(agent(), Policy::kConfirm), Outcome::kAllow);
  EXPECT_EQ(outcome(agent(), Policy::kConfirm, Verb::kWrite), Outcome::kConfirm);
  EXPECT_EQ(outcome(shell(), Policy::kDeny), Outcome::kDeny);
}

/// A root that lives: narrowings look at the process table.
class NarrowingTest : public JudgeTest {
 protected:
  Asker here() {
    Asker asker = shell();
    asker.chain[1].pid = ::getpid();
    asker.chain[1].start_time = process_start_time(::getpid());
    asker.session.leader = 100;
    asker.session.leader_start = 10;
    asker.chain.push_back(program(100, 10, "/usr/bin/bash", 20));
    return asker;
  }
  void narrow(const Asker& asker, std::vector<ItemId> items, BootTime lasts = minutes(15)) {
    Narrowing narrowing;
    narrowing.id = grants_->next_id();
    narrowing.root = asker.chain[1].pid;
    narrowing.root_start = asker.chain[1].start_time;
    narrowing.cgroup = kHere;
    narrowing.items = std::move(items);
    narrowing.names.resize(narrowing.items.size(), {"default", "some name"});
    narrowing.until = boot_now_ + lasts;
    narrowing.consented = {{mail_, boot_now_ + kConsent}};
    ASSERT_TRUE(narrowings_->add(*vault_, narrowing).ok());
  }
  /// Started `after` ticks after the root of `here()`, by nobody who is known.
  Asker stray(std::uint64_t after, const CgroupId& cgroup = kHere) {
    Asker asker = shell();
    asker.adopted = {process_start_time(::getpid()) + after, cgroup};
    return asker;
  }
  /// As another daemon of the same boot, or of another, would find them.
  void load(const std::string& boot) {
    make_narrowings(boot);
    load_records();
  }
  void load_records() {
    const auto records = vault_->policy_records();
    ASSERT_TRUE(records.ok());
    for (const auto& record : *records) ASSERT_TRUE(narrowings_->load(record));
  }
  BootTime at_tick(std::uint64_t tick) {
    return BootTime(static_cast<std::int64_t>(tick) * 1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  }
  static constexpr CgroupId kHere{7};
  static constexpr minutes kConsent{10};
};

TEST_F(NarrowingTest, LeavesTheItemsAndNothingElse) {
  narrow(here(), {mail_});
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kAllow);
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAllow) << "the narrowing itself was asked for";
  EXPECT_EQ(outcome(here(), Policy::kConfirm), Outcome::kConfirm);
  EXPECT_EQ(outcome(here(), Policy::kDeny), Outcome::kDeny);
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kDeny);
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kList, &bank_), Outcome::kDeny);
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kWrite), Outcome::kDeny);
  const Judge judge_of(*grants_, *narrowings_);
  Guard open;
  EXPECT_EQ(judge_of.judge_admin(here(), true, true, boot_now_).outcome, Outcome::kDeny);
  EXPECT_EQ(judge_of.judge_bulk({here(), Verb::kList, open, false, false}, boot_now_).outcome,
            Outcome::kDeny);
  EXPECT_EQ(outcome(shell(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kAllow)
      << "another tree";
}

TEST_F(NarrowingTest, WhatWasOpenThenAsksWhenItIsTightened) {
  narrow(here(), {mail_, bank_});
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAllow) << "was asked for";
  EXPECT_EQ(outcome(here(), Policy::kAsk, Verb::kRead, &bank_), Outcome::kAsk);
}

TEST_F(NarrowingTest, NothingIsLeftOfOneThatIsClosed) {
  narrow(here(), {mail_});
  EXPECT_FALSE(*narrowings_->close(*vault_, 99));
  EXPECT_TRUE(*narrowings_->close(*vault_, narrowings_->last_id()));
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kDeny);
  load(kBoot);
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kDeny);
}

TEST_F(NarrowingTest, WhatTheOuterRootAdoptsFromAnInnerOneMustAsk) {
  narrow(here(), {mail_, bank_}, hours(24 * 365));
  Asker inner = here();
  inner.chain.insert(inner.chain.begin() + 1, program(250, 0, "/usr/bin/sh", 30));
  inner.chain[1].start_time = process_start_time(::getpid()) + 10;
  boot_now_ = at_tick(inner.chain[1].start_time + 50);
  narrow(inner, {mail_});
  Asker orphan = here();
  orphan.chain[0].start_time = inner.chain[1].start_time + 20;
  EXPECT_EQ(outcome(orphan, Policy::kOpen, Verb::kRead, &bank_), Outcome::kAsk);
  ends_.back()();
  EXPECT_EQ(outcome(orphan, Policy::kOpen, Verb::kRead, &bank_), Outcome::kAsk);
  Asker earlier = here();
  earlier.chain[0].start_time = inner.chain[1].start_time - 1;
  EXPECT_EQ(outcome(earlier, Policy::kOpen, Verb::kRead, &bank_), Outcome::kAllow);
}

TEST_F(NarrowingTest, WhoMayHaveLeftOneIsAskedBeforeItAdministers) {
  narrow(here(), {mail_});
  const Judge judge_of(*grants_, *narrowings_);
  EXPECT_EQ(judge_of.judge_admin(stray(5), true, false, boot_now_).outcome, Outcome::kConfirm);
  EXPECT_EQ(judge_of.judge_admin(stray(5), false, true, boot_now_).outcome, Outcome::kAllow);
  EXPECT_EQ(judge_of.judge_admin(shell(), false, false, boot_now_).outcome, Outcome::kAllow);
}

TEST_F(NarrowingTest, ConsentEndsBeforeTheNarrowingWhereItsTimeIsUp) {
  narrow(here(), {mail_}, hours(24));
  boot_now_ += kConsent - minutes(1);
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAllow);
  boot_now_ += minutes(2);
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAsk);
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kAllow);
}

TEST_F(NarrowingTest, NestedOnesLeaveWhatAllOfThemLeave) {
  narrow(here(), {mail_, bank_});
  narrow(here(), {bank_});
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kDeny);
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kAllow);
}

TEST_F(NarrowingTest, AfterItsTimeNothingIsLeft) {
  narrow(here(), {mail_}, minutes(1));
  boot_now_ += minutes(1);
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kDeny);
}

TEST_F(NarrowingTest, ALockTakesTheConsentAndNotTheNarrowing) {
  narrow(here(), {mail_});
  narrowings_->locked();
  load_records();
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAsk);
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kDeny);
}

TEST_F(NarrowingTest, WhoseParentsAreGoneMustAskIfANarrowedTreeMayHaveStartedIt) {
  narrow(here(), {mail_});
  EXPECT_EQ(outcome(stray(0), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(outcome(stray(50), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(outcome(stray(50, {8}), Policy::kOpen), Outcome::kAllow) << "of another control group";
  EXPECT_EQ(outcome(shell(), Policy::kOpen), Outcome::kAllow) << "its parents are known";
  Asker before = stray(0);
  before.adopted->start_time -= 1;
  EXPECT_EQ(outcome(before, Policy::kOpen), Outcome::kAllow);
  boot_now_ = at_tick(process_start_time(::getpid()) + 100);
  ends_.at(0)();
  EXPECT_EQ(outcome(stray(100), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(outcome(stray(101), Policy::kOpen), Outcome::kAllow) << "started after the root ended";
}

TEST_F(NarrowingTest, WhoWasSeenBeforeTheRootEndedMustAsk) {
  Asker gone = here();
  gone.chain[1].start_time += 1;  // no process has this identity: as if it had ended
  boot_now_ = at_tick(gone.chain[1].start_time + 100);
  narrow(gone, {mail_});
  EXPECT_TRUE(narrowings_->all().empty());
  narrow(here(), {bank_});
  EXPECT_EQ(outcome(gone, Policy::kOpen, Verb::kRead, &bank_), Outcome::kAsk);
}

TEST_F(NarrowingTest, OutlivesTheDaemonAndNotTheBoot) {
  const std::vector<ItemId> many(500, mail_);
  narrow(here(), many);
  Asker gone = here();
  gone.chain[1].start_time += 1;
  narrow(gone, {mail_});
  load(kBoot);
  EXPECT_EQ(outcome(here(), Policy::kOpen), Outcome::kAllow);
  EXPECT_EQ(outcome(here(), Policy::kAsk), Outcome::kAsk) << "consent does not";
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kDeny);
  EXPECT_EQ(outcome(stray(1), Policy::kOpen), Outcome::kAsk);
  ASSERT_EQ(narrowings_->all().size(), 1u);
  EXPECT_EQ(narrowings_->all()[0].items.size(), many.size());
  EXPECT_EQ(narrowings_->all()[0].names.back().name, "some name");
  EXPECT_EQ(narrowings_->last_id(), 2u);

  load("another boot");
  EXPECT_TRUE(narrowings_->empty());
  EXPECT_EQ(outcome(here(), Policy::kOpen, Verb::kRead, &bank_), Outcome::kAllow);
  narrow(here(), {mail_});
  EXPECT_EQ(vault_->policy_records()->size(), 1u) << "what another boot left is dropped";
}

TEST_F(NarrowingTest, WhatEndedGrowsNoRecords) {
  for (std::uint64_t i = 1; i <= 300; ++i) {
    Asker gone = here();
    gone.chain[1].start_time += 10 * i;
    boot_now_ = at_tick(gone.chain[1].start_time + 1);
    narrow(gone, {mail_});
    ends_.back()();
  }
  EXPECT_LE(vault_->policy_records()->size(), 257u);
  EXPECT_EQ(outcome(stray(10 * 20), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(outcome(stray(10 * 299), Policy::kOpen), Outcome::kAsk);
  EXPECT_EQ(outcome(stray(10 * 20 + 5), Policy::kOpen), Outcome::kAllow) << "between two of them";
}

TEST_F(NarrowingTest, NoOtherBytesAreItsRecord) {
  narrow(here(), {mail_, bank_});
  const auto records = vault_->policy_records();
  ASSERT_EQ(records->size(), 1u);
  const SecretBytes& record = *records->front().record;
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    EXPECT_FALSE(decode_narrowing(SecretBytes::copy_of(record.bytes().first(cut)))) << cut;
  }
  for (std::size_t i = 0; i < record.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      SecretBytes changed = record.clone();
      changed.writable()[i] ^= static_cast<unsigned char>(1 << bit);
      const auto read = decode_narrowing(changed);
      if (!read) continue;
      const SecretBytes again = read->narrowing
                                    ? std::move(encode_narrowing(read->boot, *read->narrowing)[0])
                                    : encode_past(read->boot, read->past);
      EXPECT_TRUE(std::ranges::equal(again.bytes(), changed.bytes())) << i;
    }
  }
}

TEST(GrantRecord, NoOtherBytesAreAGrant) {
  Grant grant;
  grant.prepared = true;
  grant.verbs = verb_bit(Verb::kRead);
  grant.collection = "default";
  grant.items = {ItemId{1}, ItemId{2}};
  grant.names = {{"default", "one"}, {"default", "two"}};
  grant.path = "/usr/bin/backup";
  grant.boot_id = kBoot;
  grant.uses_left = 3;
  grant.created = 5;
  grant.expires = 7;
  grant.until = BootTime(9);
  const SecretBytes record = encode_grant(grant);
  const auto read = decode_grant(record);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->items, grant.items);
  EXPECT_EQ(read->uses_left, grant.uses_left);
  EXPECT_EQ(read->until, grant.until);
  EXPECT_TRUE(std::ranges::equal(encode_grant(*read).bytes(), record.bytes()));
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    EXPECT_FALSE(decode_grant(SecretBytes::copy_of(record.bytes().first(cut)))) << cut;
  }
  for (std::size_t i = 0; i < record.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      SecretBytes changed = record.clone();
      changed.writable()[i] ^= static_cast<unsigned char>(1 << bit);
      const auto other = decode_grant(changed);
      if (other) {
        EXPECT_TRUE(std::ranges::equal(encode_grant(*other).bytes(), changed.bytes())) << i;
      }
    }
  }
}

}  // namespace
}  // namespace tacit
