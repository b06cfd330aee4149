#include "cli/audit_view.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit::cli {
namespace {

AuditRecord record() {
  AuditRecord out;
  out.sequence = 12;
  out.time = out.last_time = 1'800'000'000'000;
  out.count = 3;
  out.verb = Verb::kRead;
  out.method = "Secrets.Get";
  out.item = {"default", "mail"};
  out.rule = "open";
  out.asker.chain.resize(2);
  out.asker.chain[0].pid = 8;
  out.asker.chain[0].executable = "/usr/bin/tacit";
  out.asker.chain[1].pid = 7;
  out.asker.chain[1].executable = "/usr/bin/python3.11";
  out.asker.chain[1].script = "/home/ann/job.py";
  out.asker.program = 1;
  out.asker.terminal = "/dev/pts/3";
  return out;
}

std::string json_of(const AuditRecord& one) {
  const SecretBytes json = audit_json(one);
  return {json.bytes().begin(), json.bytes().end()};
}

TEST(AuditLine, TellsWhoGotWhatByWhichRule) {
  const std::string line = audit_line(record());
  for (const char* part :
       {"allowed  read ", "default/mail ", "python3.11 job.py (pid 7, pts/3)", "  open  x3\n"}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
}

AuditRecord change() {
  AuditRecord out = record();
  out.count = 1;
  out.verb = Verb::kAdmin;
  out.method = "Access.SetPolicy";
  out.rule = "admin";
  out.change = "read: ask -> open";
  return out;
}

TEST(AuditLine, OfAdministrationTellsWhatWasChanged) {
  std::string line = audit_line(change());
  for (const char* part :
       {"allowed  admin ", "default/mail ", "  admin  Access.SetPolicy: read: ask -> open\n"}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
  AuditRecord collection = change();
  collection.item.name.clear();
  EXPECT_NE(audit_line(collection).find("collection default "), std::string::npos);
  AuditRecord copy = change();
  copy.item = {};
  copy.method = "Admin.Backup";
  copy.change.clear();
  line = audit_line(copy);
  EXPECT_NE(line.find("  admin  Admin.Backup\n"), std::string::npos) << line;
}

TEST(AuditLine, OfAnEventTellsWhatItWasAbout) {
  AuditRecord event = change();
  event.verdict = AuditVerdict::kEvent;
  event.event = "not done: DISK_FULL";
  const std::string line = audit_line(event);
  for (const char* part : {"not done: DISK_FULL", "default/mail", "Access.SetPolicy: read: ask"}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
}

TEST(AuditLine, ColumnsAreAligned) {
  AuditRecord other = record();
  other.verdict = AuditVerdict::kDenied;
  other.verb = Verb::kWrite;
  other.item.name = "bank";
  other.count = 1;
  EXPECT_EQ(audit_line(record()).find("python3"), audit_line(other).find("python3"));
}

TEST(AuditLine, NothingSteersTheTerminal) {
  AuditRecord hostile = record();
  hostile.item.name = "a\x1b[31m\nb";
  hostile.asker.chain[1].executable = "/tmp/x\r\x1b]0;title\x07";
  hostile.asker.chain[1].script = "/tmp/\xff\xc2\x9b";
  hostile.asker.terminal = "\n";
  hostile.rule = "\x7f";
  hostile.change = "programs: added /tmp/\x1b[2J\n";
  for (const AuditVerdict verdict : {AuditVerdict::kAllowed, AuditVerdict::kEvent}) {
    hostile.verdict = verdict;
    hostile.event = "first\nsecond\x1b[2J";
    std::string line = audit_line(hostile);
    ASSERT_EQ(line.back(), '\n');
    line.pop_back();
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
    EXPECT_EQ(line.find('\x7f'), std::string::npos);
  }
}

TEST(AuditLine, OfTextWhoseDirectionChangesShowsThat) {
  AuditRecord hostile = record();
  hostile.asker.chain[1].script = "/tmp/\u202etxt.sh";
  EXPECT_EQ(audit_line(hostile).find("\u202e"), std::string::npos);
}

TEST(AuditLine, OfAnEventIsWhatHappened) {
  AuditRecord event;
  event.verdict = AuditVerdict::kEvent;
  event.event = "locked: idle time-out";
  EXPECT_NE(audit_line(event).find("event    locked: idle time-out\n"), std::string::npos);
}

TEST(AuditJson, IsOneLineWithEveryMember) {
  const std::string json = json_of(record());
  EXPECT_EQ(json.find('\n'), json.size() - 1);
  for (const char* part :
       {R"("sequence":12)", R"("time":"2027-01-15T08:00:00Z")", R"("count":3)",
        R"("verdict":"allowed")", R"("verb":"read")", R"("method":"Secrets.Get")",
        R"("collection":"default","name":"mail")", R"("rule":"open")", R"("asking":1)",
        R"("script":"/home/ann/job.py")", R"("terminal":"/dev/pts/3")"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
  }
  EXPECT_EQ(json.find("change"), std::string::npos);
  EXPECT_NE(json_of(change()).find(R"("change":"read: ask -> open")"), std::string::npos);
  AuditRecord collection = change();
  collection.item.name.clear();
  EXPECT_NE(json_of(collection).find(R"("collection":"default","rule")"), std::string::npos);
  AuditRecord event;
  event.verdict = AuditVerdict::kEvent;
  event.event = "two\nlines";
  EXPECT_NE(json_of(event).find(R"("event":"two\nlines")"), std::string::npos);
  EXPECT_EQ(json_of(event).find("programs"), std::string::npos);
}

}  // namespace
}  // namespace tacit::cli
