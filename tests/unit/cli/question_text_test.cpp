#include "cli/question_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Question consent() {
  Question question;
  question.kind = QuestionKind::kConsent;
  question.verb = Verb::kRead;
  question.collection = "work";
  question.names = {"db", "api-token"};
  question.name_count = 2;
  question.asker.chain = {{101, "/usr/bin/tacit", true, "", false},
                          {100, "/usr/bin/bash", true, "/home/me/deploy.sh", false},
                          {99, "/usr/bin/bash", true, "", false},
                          {98, "/usr/bin/tmux", true, "", false}};
  question.asker.program = 1;
  question.asker.terminal = "/dev/pts/3";
  question.asker.folder = "/home/me/src";
  question.idle = minutes(10);
  question.hard = hours(12);
  return question;
}

TEST(QuestionText, TellsWhoWantsWhatAndForHowLong) {
  const QuestionText text = in_words(consent());
  EXPECT_EQ(text.headline, "A program wants to read secrets.");
  EXPECT_THAT(text.facts,
              Contains("Program: /home/me/deploy.sh (run by /usr/bin/bash), process 100"));
  EXPECT_THAT(text.facts, Contains("Secrets: db, api-token in the collection work"));
  EXPECT_THAT(text.facts, Contains("Called by: /usr/bin/bash, /usr/bin/tmux"));
  EXPECT_THAT(text.facts, Contains("Terminal: /dev/pts/3"));
  EXPECT_THAT(text.facts, Contains("Folder: /home/me/src"));
  EXPECT_THAT(text.facts, Contains("For this session: may list and read all of the collection "
                                   "work, until it has not asked for 10 min, at most 12 h"));
  EXPECT_THAT(text.facts,
              Contains("Never: no to all of the collection work, until `tacit grants revoke`"));
}

TEST(QuestionText, SaysForHowManyUsesAYesIs) {
  Question question = consent();
  question.each_use = true;
  question.uses = 1;
  EXPECT_THAT(in_words(question).facts, Not(Contains(StartsWith("Uses: "))));
  question.uses = 29;
  EXPECT_THAT(in_words(question).facts,
              Contains("Uses: so many calls of it wait: 29; a yes lets each of them do so once"));
}

TEST(QuestionText, SaysThatAYesIsForAProcessTreeAndForHowLong) {
  Question question = consent();
  question.lifetime = minutes(15);
  const auto facts = in_words(question).facts;
  EXPECT_THAT(facts, Contains("For how long: 15 min, by this process and all that it starts"));
  EXPECT_THAT(facts, Not(Contains(StartsWith("For this session"))));
  question.each_use = true;
  EXPECT_THAT(in_words(question).facts, Contains(StartsWith("For how long: 15 min, by this process "
                                                            "and all that it starts; what asks")));
}

TEST(QuestionText, SaysWhatAdministrationIsToDo) {
  Question question = consent();
  question.verb = Verb::kAdmin;
  question.collection.clear();
  question.names.clear();
  question.change = "remove slot 2 (key file)";
  const auto facts = in_words(question).facts;
  EXPECT_THAT(facts, Contains("To do: remove slot 2 (key file)"));
  EXPECT_THAT(facts, Not(Contains(StartsWith("Secrets:"))));
}

TEST(QuestionText, OnlyAPrompterWithoutAProofWaitsForThePassphraseToBeTold) {
  Question question = consent();
  question.collection.clear();
  question.names.clear();
  EXPECT_THAT(in_words(question).facts, Contains("Secrets: all there are"));
  question.verb = Verb::kNone;
  EXPECT_THAT(in_words(question).facts, Contains("Secrets: told when the passphrase was given"));
}

TEST(QuestionText, EachVerbHasItsWords) {
  std::vector<std::string> seen;
  for (const Verb verb : {Verb::kNone, Verb::kList, Verb::kRead, Verb::kWrite, Verb::kAdmin}) {
    Question question = consent();
    question.verb = verb;
    seen.push_back(in_words(question).headline);
  }
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST(QuestionText, NothingOfAnotherProgramIsInTheHeadline) {
  for (const QuestionKind kind :
       {QuestionKind::kUnlock, QuestionKind::kConsent, QuestionKind::kValue}) {
    Question question = consent();
    question.kind = kind;
    question.prompt = "<b>mark</b>";
    question.names = {"<i>"};
    EXPECT_THAT(in_words(question).headline, AllOf(Not(HasSubstr("<")), Not(HasSubstr("&"))));
  }
}

TEST(QuestionText, TricksAreMadeVisible) {
  Question question = consent();
  question.asker.chain[1].script = "/tmp/a\nProgram: /usr/bin/trusted";
  question.asker.folder = "/home/\u202egnp";
  question.names = {"a\x1b[2J"};
  question.prompt = "x\ry";
  for (const QuestionKind kind : {QuestionKind::kConsent, QuestionKind::kValue}) {
    question.kind = kind;
    const QuestionText text = in_words(question);
    EXPECT_THAT(text.facts, Each(AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b")),
                                       Not(HasSubstr("\r")), Not(HasSubstr("\u202e")))));
    EXPECT_THAT(text.facts, Contains(HasSubstr("\\u{202e}gnp")));
  }
}

TEST(QuestionText, LongOnesAreCutAndManyAreCounted) {
  Question question = consent();
  question.asker.folder = "/" + std::string(4000, 'x') + "/end";
  question.names.clear();
  for (int i = 0; i < 20; ++i) question.names.push_back("name" + std::to_string(i));
  question.name_count = 900;
  const QuestionText text = in_words(question);
  EXPECT_THAT(text.facts, Contains(HasSubstr("name4 and 895 more")));
  EXPECT_THAT(text.facts,
              Contains(AllOf(StartsWith("Folder: /xxx"), HasSubstr("...x"), HasSubstr("/end"))));
  std::size_t all = 0;
  for (const std::string& fact : text.facts) all += fact.size() + 3;
  EXPECT_LT(all, 1000u);
}

TEST(QuestionText, AnAgentAndWhatIsNotKnownAreTold) {
  Question question = consent();
  question.asker.agent_marker = "AN_AGENT";
  question.asker.unknown_because = "its parent is gone";
  question.asker.chain[1].executable_known = false;
  question.asker.chain[1].script.clear();
  question.asker.chain[1].unnamed_script = true;
  const QuestionText text = in_words(question);
  EXPECT_THAT(text.facts, Contains(HasSubstr("AN_AGENT is set")));
  EXPECT_THAT(text.facts, Contains("Not known for sure: its parent is gone"));
  EXPECT_THAT(text.facts, Contains(AllOf(HasSubstr("code from its arguments"),
                                         HasSubstr("not the file that is there now"))));
}

TEST(QuestionText, AShellThatSomebodyTypesIntoIsCalledThat) {
  Question question = consent();
  question.asker.program = 2;
  question.asker.chain[2].unnamed_script = true;
  question.asker.chain[2].interactive_shell = true;
  EXPECT_THAT(in_words(question).facts,
              Contains("Program: /usr/bin/bash (an interactive shell), process 99"));
}

TEST(QuestionText, AnUnprovenPrompterIsToldTheAskerAlone) {
  Question question = consent();
  question.verb = Verb::kNone;
  question.collection.clear();
  question.names.clear();
  question.name_count = 0;
  EXPECT_THAT(in_words(question).facts, Contains("Secrets: told when the passphrase was given"));
}

TEST(QuestionText, ACollectionAsAWhole) {
  Question question = consent();
  question.names.clear();
  question.name_count = 0;
  EXPECT_THAT(in_words(question).facts, Contains("Secrets: all of the collection work"));
}

TEST(QuestionText, ALoginSaysWhereAndShowsNothingThatMoves) {
  Question question = consent();
  question.kind = QuestionKind::kLogin;
  question.names.clear();
  question.verification_uri = "https://login.example.com/device\n\x1b[2J";
  question.verification_uri_complete = "https://login.example.com/device?user_code=AB-CD";
  question.user_code = "AB-CD\r";
  const QuestionText text = in_words(question);
  EXPECT_EQ(text.headline, "A program needs a token, for which you have to log in elsewhere.");
  EXPECT_THAT(text.facts.front(), StartsWith("Open: https://login.example.com/device"));
  EXPECT_THAT(text.facts, Contains("Or open, and see that it shows the code: "
                                   "https://login.example.com/device?user_code=AB-CD"));
  EXPECT_THAT(text.facts, Contains(StartsWith("Code to enter there: AB-CD")));
  EXPECT_THAT(text.facts, Contains(StartsWith("Program: /home/me/deploy.sh")));
  for (const char* moves : {"\n", "\r", "\x1b"}) {
    EXPECT_THAT(text.facts, Each(Not(HasSubstr(moves))));
  }
  EXPECT_THAT(text.facts, Not(Contains(StartsWith("Secrets: "))));
}

TEST(QuestionText, WithoutAnyProgramItSaysSo) {
  const QuestionText text = in_words(Question{});
  EXPECT_THAT(text.facts, Contains("Program: unknown"));
  EXPECT_THAT(text.facts, Contains("Terminal: none"));
}

TEST(DurationText, RoundsDownToItsUnit) {
  EXPECT_EQ(duration_text(seconds(59)), "59 s");
  EXPECT_EQ(duration_text(seconds(659)), "10 min");
  EXPECT_EQ(duration_text(hours(12)), "12 h");
  EXPECT_EQ(duration_text(hours(24 * 30)), "30 days");
}

}  // namespace
}  // namespace tacit::cli
