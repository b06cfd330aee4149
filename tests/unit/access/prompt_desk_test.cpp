// Questions in line for the user: merged, shown one at a time, answered once.
#include "daemon/access/prompt_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "daemon/base/status.h"

namespace tacit {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ProcessName kPrompter{100, 1};
constexpr ProcessName kOther{200, 2};

std::shared_ptr<const Asker> asker(const std::string& executable, pid_t pid = 7, dev_t terminal = 5,
                                   const std::string& agent = "") {
  auto out = std::make_shared<Asker>();
  Program program;
  program.pid = pid;
  program.start_time = static_cast<std::uint64_t>(pid);
  program.executable = executable;
  program.file_known = true;
  out->chain = {program};
  out->session.kind = AskerSession::Kind::kTerminal;
  out->session.leader = 1;
  out->session.terminal = terminal;
  out->agent_marker = agent;
  return out;
}

Question consent(const std::string& name, std::shared_ptr<const Asker> who = asker("/bin/a")) {
  Question out;
  out.asker = std::move(who);
  out.collection = "default";
  out.names = {name};
  return out;
}

Question unlock(std::shared_ptr<const Asker> who = asker("/bin/a")) {
  Question out;
  out.kind = QuestionKind::kUnlock;
  out.asker = std::move(who);
  return out;
}

class Desk : public ::testing::Test {
 protected:
  void prompter(bool proven = true) {
    auto registered = desk.register_prompter(
        kPrompter, asker("/bin/tacit", 100, 9), proven,
        [this](PromptMessage message) { messages.push_back(std::move(message)); });
    ASSERT_TRUE(registered.ok()) << registered.status();
    registration = *registered;
  }
  /// The answers come to `answers`, `name` before each.
  Waiting put(Question question, const std::string& name) {
    return desk.ask(std::move(question), [this, name](const absl::StatusOr<Reply>& reply) {
      answers.push_back(name + (reply.ok()
                                    ? " " + std::to_string(static_cast<int>(reply->decision))
                                    : " " + std::string(reason_name(reason_of(reply.status())))));
      if (!reply.ok()) {
        last_error = std::string(reply.status().message());
        last_rule = refusal_rule(reply.status());
      }
    });
  }
  AskedQuestion asked() {
    EXPECT_FALSE(messages.empty());
    AskedQuestion out = std::get<AskedQuestion>(messages.front());
    messages.pop_front();
    return out;
  }
  std::uint64_t withdrawn() {
    EXPECT_FALSE(messages.empty());
    const auto out = std::get<WithdrawnQuestion>(messages.front()).id;
    messages.pop_front();
    return out;
  }
  void answer(std::uint64_t id, Decision decision) {
    ASSERT_TRUE(desk.answerable(id, kPrompter).ok());
    Reply reply;
    reply.decision = decision;
    desk.decide(id, std::move(reply));
  }

  ManualBootClock clock{std::chrono::hours(1)};
  PromptRules rules{.timeout = milliseconds(60'000), .limits = {.questions = 3, .waiters = 2'000}};
  PromptDesk desk{rules, clock};
  PromptDesk::Registration registration = 0;
  std::deque<PromptMessage> messages;
  std::vector<std::string> answers;
  std::string last_error;
  std::string last_rule;  ///< as the log tells it
};

TEST_F(Desk, NobodyToAskIsSaidAtOnce) {
  EXPECT_EQ(put(consent("n"), "a"), 0u);
  EXPECT_THAT(answers, ElementsAre("a NO_PROMPTER"));
}

TEST_F(Desk, AThousandRequestsAreOneQuestion) {
  prompter();
  for (int i = 0; i < 1'000; ++i) put(consent("n" + std::to_string(i % 30)), "a");
  const AskedQuestion first = asked();
  EXPECT_THAT(first.question.names, ElementsAre("n0"));
  EXPECT_TRUE(messages.empty());
  // What came after the first was shown stands in one question, settled by the same answer.
  answer(first.id, Decision::kSession);
  EXPECT_EQ(answers.size(), 1'000u);
  EXPECT_TRUE(messages.empty());
}

TEST_F(Desk, NamesAreCollectedUntilTheQuestionIsShown) {
  prompter();
  put(consent("first", asker("/bin/other")), "o");
  put(consent("a"), "1");
  put(consent("b"), "2");
  put(consent("a"), "3");
  answer(asked().id, Decision::kOnce);
  const AskedQuestion merged = asked();
  EXPECT_THAT(merged.question.names, ElementsAre("a", "b"));
  // It is before the user now: another name is another question, the same name is not.
  put(consent("c"), "4");
  put(consent("b"), "5");
  answer(merged.id, Decision::kOnce);
  EXPECT_THAT(answers, ElementsAre("o 2", "1 2", "2 2", "3 2", "5 2"));
  EXPECT_THAT(asked().question.names, ElementsAre("c"));
}

TEST_F(Desk, OnlyTheSameProgramSessionAndCollectionAreMerged) {
  const Question base = consent("n");
  EXPECT_TRUE(same_question(base, consent("m")));
  EXPECT_TRUE(same_question(base, consent("n", asker("/bin/a", 8))));
  EXPECT_FALSE(same_question(base, consent("n", asker("/bin/b", 8))));
  EXPECT_FALSE(same_question(base, consent("n", asker("/bin/a", 8, 6))));
  EXPECT_FALSE(same_question(base, consent("n", asker("/bin/a", 8, 5, "AGENT"))));
  Question other = consent("n");
  other.collection = "other";
  EXPECT_FALSE(same_question(base, other));
  other = consent("n");
  other.verb = Verb::kWrite;
  EXPECT_FALSE(same_question(base, other));
  other = consent("n");
  other.names.clear();
  EXPECT_FALSE(same_question(base, other));
  other = consent("n");
  other.each_use = true;
  EXPECT_FALSE(same_question(base, other));
  // Who is not known, or runs an unnamed script, is the same as nobody.
  auto unnamed = std::make_shared<Asker>(*asker("/bin/sh", 8));
  unnamed->chain[0].unnamed_script = true;
  EXPECT_FALSE(same_question(consent("n", asker("/bin/sh")), consent("n", unnamed)));
  EXPECT_TRUE(same_question(consent("n", unnamed), consent("n", unnamed)));
  // Every use is asked for, but for one process that asks twice at once.
  Question each = consent("n");
  each.each_use = true;
  Question again = consent("n", asker("/bin/a", 8));
  again.each_use = true;
  EXPECT_FALSE(same_question(each, again));
  EXPECT_TRUE(same_question(each, each));
  // So is one for a process tree, whose time the user was told.
  Question tree = consent("n");
  tree.lifetime = std::chrono::minutes(15);
  Question other_tree = consent("n", asker("/bin/a", 8));
  other_tree.lifetime = tree.lifetime;
  EXPECT_FALSE(same_question(tree, other_tree));
  EXPECT_FALSE(same_question(tree, consent("n")));
  EXPECT_TRUE(same_question(tree, tree));
  // What is to be done is part of what is asked.
  Question one_change = consent("n");
  one_change.change = "remove slot 1";
  Question other_change = one_change;
  other_change.change = "remove slot 2";
  EXPECT_FALSE(same_question(one_change, other_change));
  // The vault is one.
  EXPECT_TRUE(same_question(unlock(), unlock(asker("/bin/b", 9, 3))));
}

TEST_F(Desk, AYesForEachUseSaysForHowManyAndIsForNoMore) {
  prompter();
  Question each = consent("n");
  each.each_use = true;
  put(each, "first");
  for (int i = 0; i < 29; ++i) put(each, "later");
  const AskedQuestion first = asked();
  EXPECT_EQ(first.uses, 1u);
  answer(first.id, Decision::kOnce);
  EXPECT_THAT(answers, ElementsAre("first 2"));
  const AskedQuestion second = asked();
  EXPECT_EQ(second.uses, 29u);
  // It is before the user now, who was told of 29.
  put(each, "too late");
  answer(second.id, Decision::kOnce);
  EXPECT_EQ(answers.size(), 30u);
  EXPECT_EQ(asked().uses, 1u);
  EXPECT_EQ(std::ranges::count(answers, "too late 2"), 0);
}

TEST_F(Desk, NeverIsAboutAllUses) {
  prompter();
  Question each = consent("n");
  each.each_use = true;
  for (int i = 0; i < 5; ++i) put(each, "a");
  answer(asked().id, Decision::kDenyAlways);
  EXPECT_EQ(answers.size(), 5u);
  EXPECT_TRUE(messages.empty());
}

TEST_F(Desk, UsesAreToldOnlyWhereTheyCount) {
  prompter();
  put(consent("n"), "a");
  EXPECT_EQ(asked().uses, 0u);
  Question each = consent("n");
  each.each_use = true;
  EXPECT_EQ(desk.ask_on_terminal(kOther, each)->uses, 1u);
}

TEST_F(Desk, OneWindowAtATime) {
  prompter();
  put(consent("a", asker("/bin/a")), "a");
  put(consent("b", asker("/bin/b")), "b");
  const AskedQuestion first = asked();
  EXPECT_TRUE(messages.empty());
  answer(first.id, Decision::kDeny);
  EXPECT_EQ(asked().question.asker->asking().executable, "/bin/b");
  EXPECT_THAT(answers, ElementsAre("a 0"));
}

TEST_F(Desk, AnAnswerCountsOnceAndOnlyFromWhoWasAsked) {
  prompter();
  put(consent("a"), "a");
  const AskedQuestion question = asked();
  EXPECT_EQ(reason_of(desk.answerable(question.id, kOther).status()), Reason::kNotFound);
  EXPECT_EQ(reason_of(desk.answerable(question.id + 1, kPrompter).status()), Reason::kNotFound);
  answer(question.id, Decision::kOnce);
  EXPECT_EQ(reason_of(desk.answerable(question.id, kPrompter).status()), Reason::kNotFound);
  desk.decide(question.id, Reply());
  EXPECT_THAT(answers, ElementsAre("a 2"));
}

TEST_F(Desk, AQuestionInLineIsNotAnswerable) {
  prompter();
  put(consent("a", asker("/bin/a")), "a");
  put(consent("b", asker("/bin/b")), "b");
  const AskedQuestion first = asked();
  EXPECT_EQ(reason_of(desk.answerable(first.id + 1, kPrompter).status()), Reason::kNotFound);
  EXPECT_TRUE(answers.empty());
}

TEST_F(Desk, NoAnswerInTimeIsANo) {
  prompter();
  put(consent("a", asker("/bin/a")), "a");
  put(consent("b", asker("/bin/b")), "b");
  const AskedQuestion first = asked();
  EXPECT_EQ(first.timeout, milliseconds(60'000));
  clock.advance(milliseconds(59'999));
  desk.on_alarm();
  EXPECT_TRUE(answers.empty());
  clock.advance(milliseconds(1));
  desk.on_alarm();
  EXPECT_THAT(answers, ElementsAre("a USER_DENIED"));
  EXPECT_THAT(last_error, HasSubstr("the user did not answer within 60 s, which counts as a no"));
  EXPECT_THAT(last_error, HasSubstr("`tacit grant`"));
  EXPECT_EQ(last_rule, "prompter: no answer");
  EXPECT_EQ(withdrawn(), first.id);
  // The next one has its time from when it is shown.
  EXPECT_EQ(asked().timeout, milliseconds(60'000));
  EXPECT_EQ(reason_of(desk.answerable(first.id, kPrompter).status()), Reason::kNotFound);
}

TEST_F(Desk, TimeStandsStillWhileACredentialIsChecked) {
  prompter(false);
  put(unlock(), "u");
  const AskedQuestion question = asked();
  desk.checking(question.id);
  EXPECT_FALSE(desk.answerable(question.id, kPrompter).ok());
  clock.advance(std::chrono::minutes(5));
  desk.on_alarm();
  EXPECT_TRUE(answers.empty());
  const auto again = desk.ask_again(question.id, "wrong");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->error, "wrong");
  EXPECT_EQ(again->id, question.id);
  clock.advance(std::chrono::minutes(1));
  desk.on_alarm();
  EXPECT_THAT(answers, ElementsAre("u USER_DENIED"));
}

TEST_F(Desk, ARequestThatGoesAwayTakesItsQuestionWithIt) {
  prompter();
  const Waiting one = put(consent("a"), "1");
  const Waiting two = put(consent("a"), "2");
  const AskedQuestion question = asked();
  desk.give_up(one);
  EXPECT_TRUE(messages.empty());
  desk.give_up(two);
  desk.give_up(two);
  EXPECT_EQ(withdrawn(), question.id);
  EXPECT_TRUE(messages.empty());
  EXPECT_TRUE(answers.empty());
  put(consent("b"), "3");
  EXPECT_THAT(asked().question.names, ElementsAre("b"));
}

TEST_F(Desk, APrompterThatGoesRefusesAll) {
  prompter();
  put(consent("a", asker("/bin/a")), "a");
  put(consent("b", asker("/bin/b")), "b");
  desk.prompter_gone(registration);
  EXPECT_THAT(answers, ElementsAre("a NO_PROMPTER", "b NO_PROMPTER"));
  EXPECT_THAT(last_error, HasSubstr("the prompter went away before the user answered"));
  EXPECT_THAT(last_error, HasSubstr("`tacit prompter`"));
  EXPECT_EQ(last_rule, "prompter: gone");
  EXPECT_FALSE(desk.can_ask(*asker("/bin/a")));
  const auto old = registration;
  prompter();
  desk.prompter_gone(old);  // says nothing of the new one
  EXPECT_TRUE(desk.can_ask(*asker("/bin/a")));
}

TEST_F(Desk, APrompterThatCannotAskRefusesAll) {
  prompter();
  put(consent("a", asker("/bin/a")), "a");
  put(consent("b", asker("/bin/b")), "b");
  desk.failed(asked().id, "pinentry died");
  EXPECT_THAT(answers, ElementsAre("a USER_DENIED", "b USER_DENIED"));
  EXPECT_EQ(last_error, "the prompter could not ask: pinentry died");
  EXPECT_EQ(last_rule, "prompter: failed");
}

TEST_F(Desk, TooMuchIsALimit) {
  prompter();
  for (const pid_t pid : {1, 2, 3}) {
    EXPECT_NE(put(consent("n", asker("/bin/" + std::to_string(pid), pid)), "n"), 0u);
  }
  EXPECT_EQ(put(consent("n", asker("/bin/d", 4)), "d"), 0u);
  EXPECT_THAT(answers, ElementsAre("d LIMIT"));
  for (int i = 3; i < 2'000; ++i) put(consent("n", asker("/bin/1", 1)), "a");
  EXPECT_EQ(answers.size(), 1u);
  put(consent("n", asker("/bin/1", 1)), "over");
  EXPECT_EQ(answers.back(), "over LIMIT");
}

TEST_F(Desk, OneUnlockForAllAndAlsoByAnotherWay) {
  prompter(false);
  put(unlock(asker("/bin/a")), "a");
  put(unlock(asker("/bin/b")), "b");
  const AskedQuestion question = asked();
  EXPECT_TRUE(question.needs_credential);
  desk.vault_unlocked();
  EXPECT_THAT(answers, ElementsAre("a 2", "b 2"));
  EXPECT_EQ(withdrawn(), question.id);
}

TEST_F(Desk, TheUnprovenNeedACredentialAndAreToldTheAskerAlone) {
  prompter(false);
  put(consent("a"), "a");
  const AskedQuestion question = asked();
  EXPECT_TRUE(question.asker_alone);
  EXPECT_TRUE(question.needs_credential);
  desk.prove(question.id);
  const auto again = desk.ask_again(question.id, "");
  EXPECT_FALSE(again->asker_alone);
  EXPECT_FALSE(again->needs_credential);
  answer(question.id, Decision::kOnce);
  // The proof ends with a lock.
  desk.vault_locked();
  put(consent("b"), "b");
  EXPECT_TRUE(asked().needs_credential);
}

TEST_F(Desk, ALockEndsWhatNeedsTheVault) {
  prompter();
  put(consent("a"), "a");
  put(unlock(), "u");
  const AskedQuestion question = asked();
  desk.vault_locked();
  EXPECT_THAT(answers, ElementsAre("a LOCKED"));
  EXPECT_EQ(withdrawn(), question.id);
  EXPECT_EQ(asked().question.kind, QuestionKind::kUnlock);
}

TEST_F(Desk, TheValueGoesToTheFirstWhoWaits) {
  prompter();
  Question value = consent("n");
  value.kind = QuestionKind::kValue;
  value.verb = Verb::kWrite;
  std::vector<std::size_t> sizes;
  for (const char* program : {"/bin/a", "/bin/b"}) {
    Question one = value;
    one.asker = asker(program);
    desk.ask(std::move(one),
             [&](const absl::StatusOr<Reply>& reply) { sizes.push_back(reply->value.size()); });
  }
  Reply reply;
  reply.decision = Decision::kOnce;
  reply.value = SecretBytes::copy_of("typed");
  desk.decide(asked().id, std::move(reply));
  EXPECT_THAT(sizes, ElementsAre(5u, 0u));
}

TEST_F(Desk, AgentsNeitherRegisterNorAreAskedForOnTheirOwnTerminal) {
  EXPECT_EQ(reason_of(desk.may_register(*asker("/bin/tacit", 1, 5, "AGENT"))),
            Reason::kPolicyDenied);
  prompter();  // on terminal 9
  EXPECT_TRUE(desk.can_ask(*asker("/bin/a", 7, 5, "AGENT")));
  EXPECT_FALSE(desk.can_ask(*asker("/bin/a", 7, 9, "AGENT")));
  EXPECT_TRUE(desk.can_ask(*asker("/bin/a", 7, 9)));
}

TEST_F(Desk, ASecondPrompterIsRefused) {
  prompter();
  const absl::Status second = desk.may_register(*asker("/bin/tacit", 101));
  EXPECT_EQ(reason_of(second), Reason::kPolicyDenied);
  EXPECT_THAT(std::string(second.message()), HasSubstr("pid 100"));
}

TEST_F(Desk, ATerminalIsProvenUntilTheLock) {
  const auto first = desk.ask_on_terminal(kOther, consent("a"));
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->needs_credential);
  EXPECT_FALSE(desk.answerable(first->id, kPrompter).ok());
  const auto mine = desk.answerable(first->id, kOther);
  ASSERT_TRUE(mine.ok());
  EXPECT_TRUE(mine->on_terminal);
  desk.prove(first->id);
  desk.finish_on_terminal(first->id);
  EXPECT_FALSE(desk.answerable(first->id, kOther).ok());
  EXPECT_FALSE(desk.ask_on_terminal(kOther, consent("b"))->needs_credential);
  EXPECT_TRUE(desk.ask_on_terminal(kOther, consent("b", asker("/bin/a", 7, 6)))->needs_credential);
  desk.vault_locked();
  EXPECT_TRUE(desk.ask_on_terminal(kOther, consent("b"))->needs_credential);
}

TEST_F(Desk, AQuestionOnATerminalEndsInTimeAndWithTheNext) {
  const auto first = desk.ask_on_terminal(kOther, consent("a"));
  const auto second = desk.ask_on_terminal(kOther, consent("a"));
  EXPECT_FALSE(desk.answerable(first->id, kOther).ok());
  EXPECT_TRUE(desk.answerable(second->id, kOther).ok());
  clock.advance(std::chrono::seconds(60));
  desk.on_alarm();
  EXPECT_FALSE(desk.answerable(second->id, kOther).ok());
}

TEST_F(Desk, AgentsAndThoseWithoutTerminalAreNotAskedOnOne) {
  EXPECT_EQ(
      reason_of(
          desk.ask_on_terminal(kOther, consent("a", asker("/bin/a", 7, 5, "AGENT"))).status()),
      Reason::kNoPrompter);
  EXPECT_EQ(reason_of(desk.ask_on_terminal(kOther, consent("a", asker("/bin/a", 7, 0))).status()),
            Reason::kNoPrompter);
}

TEST_F(Desk, AnAnswerMayAskTheNextQuestion) {
  prompter();
  desk.ask(consent("a"), [this](const absl::StatusOr<Reply>&) { put(consent("b"), "b"); });
  answer(asked().id, Decision::kOnce);
  EXPECT_THAT(asked().question.names, ElementsAre("b"));
}

TEST_F(Desk, StoppingEndsEverything) {
  prompter();
  put(consent("a"), "a");
  (void)asked();
  desk.stop();
  EXPECT_THAT(answers, ElementsAre("a INTERNAL"));  // UNAVAILABLE has no reason of its own
  EXPECT_TRUE(std::holds_alternative<PromptEnd>(messages.front()));
  EXPECT_FALSE(desk.can_ask(*asker("/bin/a")));
}

}  // namespace
}  // namespace tacit
