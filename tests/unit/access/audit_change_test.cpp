// What administration changes, as the log tells it.
#include "daemon/access/audit_change.h"

#include <gtest/gtest.h>

namespace tacit {
namespace {

TEST(AuditChange, TellsFromWhatToWhat) {
  Rule before;
  Rule after;
  EXPECT_EQ(change_in_words(before, after), "the rule stays as it was");
  after.set_policy(Verb::kRead, Policy::kAsk);
  after.set_policy(Verb::kWrite, Policy::kDeny);
  EXPECT_EQ(change_in_words(before, after), "read: open -> ask; write: open -> deny");
  EXPECT_EQ(change_in_words(after, before), "read: ask -> open; write: deny -> open");
}

TEST(AuditChange, TellsOfDecoysAndPrograms) {
  Rule before;
  before.set_policy(Verb::kRead, Policy::kPinned);
  before.pinned = {"/usr/bin/a", "/usr/bin/b"};
  Rule after = before;
  after.tripwire = true;
  after.pinned = {"/usr/bin/b", "/usr/bin/c"};
  EXPECT_EQ(change_in_words(before, after),
            "decoy: no -> yes; programs: added /usr/bin/c, removed /usr/bin/a");
}

TEST(AuditChange, AGrantIsToldWithWhomItIsFor) {
  Grant grant;
  grant.id = 3;
  grant.prepared = true;
  grant.collection = "work";
  grant.verbs = static_cast<VerbSet>(verb_bit(Verb::kList) | verb_bit(Verb::kRead));
  grant.path = "/usr/bin/job";
  EXPECT_EQ(grant_in_words(grant), "grant 3: list, read for /usr/bin/job; collection work");
  grant.path.clear();
  grant.root = 77;
  grant.names = {{"work", "mail"}, {"work", "bank"}};
  grant.uses_left = 1;
  EXPECT_EQ(grant_in_words(grant),
            "grant 3: list, read for the process tree of 77; items: mail, bank; 1 use");
}

TEST(AuditChange, AnAnswerAndADenialAreToldWithTheirProgram) {
  Grant grant;
  grant.id = 4;
  grant.denied = true;
  grant.collection = "work";
  grant.program.executable = "/usr/bin/python3";
  grant.program.script = "/home/ann/job.py";
  EXPECT_EQ(grant_in_words(grant), "denial 4: for /home/ann/job.py; collection work");
  grant.program.script.clear();
  grant.program.process = 12;
  EXPECT_EQ(grant_in_words(grant), "denial 4: for /usr/bin/python3, process 12; collection work");
}

}  // namespace
}  // namespace tacit
