// The log of decisions over the real socket: what is in it, who may change it (nobody), and what
// becomes of it in a crash, at a lock and on a full disk.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "tacit/v1/access.grpc.pb.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

class AuditTest : public DaemonTest {
 protected:
  std::unique_ptr<pb::Access::Stub> access() { return pb::Access::NewStub(client_->channel()); }

  Outcome read(const pb::AuditRequest& request, std::vector<pb::AuditRecord>& records) {
    const auto stub = access();
    std::vector<pb::AuditReply> replies;
    const Outcome outcome = client_->read_all(*stub, &pb::Access::Stub::Audit, request, replies);
    for (const pb::AuditReply& reply : replies) {
      records.insert(records.end(), reply.records().begin(), reply.records().end());
    }
    return outcome;
  }
  std::vector<pb::AuditRecord> records(const pb::AuditRequest& request = {}) {
    std::vector<pb::AuditRecord> out;
    EXPECT_TRUE(succeeded(read(request, out)));
    return out;
  }
  std::vector<pb::AuditRecord> records_of(const std::string& name) {
    pb::AuditRequest request;
    request.set_name(name);
    return records(request);
  }
  Outcome verify(pb::VerifyAuditReply* reply = nullptr) {
    pb::VerifyAuditReply own;
    const auto stub = access();
    return client_->call(*stub, &pb::Access::Stub::VerifyAudit, pb::VerifyAuditRequest(),
                         reply == nullptr ? own : *reply);
  }
  static std::uint64_t count_of(const std::vector<pb::AuditRecord>& all,
                                const std::string& method) {
    std::uint64_t count = 0;
    for (const pb::AuditRecord& record : all) {
      if (record.method() == method) count += record.count();
    }
    return count;
  }
  static bool has_event(const std::vector<pb::AuditRecord>& all, const std::string& part) {
    return std::ranges::any_of(all, [&](const pb::AuditRecord& record) {
      return record.verdict() == pb::AUDIT_VERDICT_EVENT &&
             record.event().find(part) != std::string::npos;
    });
  }
  static pb::SetPolicyRequest reading(const std::string& name, pb::Policy policy) {
    pb::SetPolicyRequest request;
    request.mutable_subject();
    if (!name.empty()) request.mutable_subject()->set_name(name);
    pb::VerbPolicy& one = *request.add_policies();
    one.set_verb(pb::VERB_READ);
    one.set_policy(policy);
    return request;
  }
  Outcome set_policy(const pb::SetPolicyRequest& request) {
    const auto stub = access();
    return client_->call(*stub, &pb::Access::Stub::SetPolicy, request);
  }
  void kill_and_unlock() {
    daemon_->kill_hard();
    client_.reset();
    start();
    ASSERT_TRUE(succeeded(unlock()));
  }
  /// Changes the closed database as another program would.
  void edit(const std::string& statements) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(home_.database().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }
};

TEST_F(AuditTest, WhatJustHappenedIsThere) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(succeeded(client_->get("mail")));
  const auto all = records();
  EXPECT_EQ(count_of(all, "Secrets.Get"), 100u);
  EXPECT_EQ(count_of(all, "Secrets.Set"), 1u);
  EXPECT_TRUE(has_event(all, "unlocked"));
  EXPECT_LT(all.size(), 60u) << "equal reads of a second are one record";
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(all[i].sequence(), all[i - 1].sequence() + 1);
  }
  const auto of_mail = records_of("mail");
  ASSERT_FALSE(of_mail.empty());
  const pb::AuditRecord& last = of_mail.back();
  EXPECT_EQ(last.item().collection(), "default");
  EXPECT_EQ(last.verb(), pb::VERB_READ);
  EXPECT_EQ(last.verdict(), pb::AUDIT_VERDICT_ALLOWED);
  EXPECT_FALSE(last.rule().empty());
  EXPECT_GE(last.last_unix_ms(), last.unix_ms());
  EXPECT_GT(last.unix_ms(), 1'600'000'000'000);
}

TEST_F(AuditTest, FiltersNarrowAndLastTakesTheNewest) {
  start_unlocked();
  for (int i = 0; i < 700; ++i) {
    ASSERT_TRUE(succeeded(client_->set("n" + std::to_string(i % 350), "v")));
  }
  for (const pb::AuditRecord& record : records_of("n7")) EXPECT_EQ(record.item().name(), "n7");
  EXPECT_FALSE(records_of("n7").empty());
  EXPECT_TRUE(records_of("never").empty());
  pb::AuditRequest request;
  request.set_verdict(pb::AUDIT_VERDICT_EVENT);
  for (const pb::AuditRecord& record : records(request)) EXPECT_FALSE(record.event().empty());
  request.set_verdict(pb::AUDIT_VERDICT_DENIED);
  EXPECT_TRUE(records(request).empty());
  request.Clear();
  request.set_collection("elsewhere");
  EXPECT_TRUE(records(request).empty());
  request.Clear();
  request.set_program("/no/such/program");
  EXPECT_TRUE(records(request).empty());
  request.Clear();
  request.set_since_unix_ms(4'000'000'000'000);
  EXPECT_TRUE(records(request).empty());
  request.Clear();
  request.set_name("n7");
  request.set_last(1);
  const auto newest = records(request);
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].sequence(), records_of("n7").back().sequence());
  request.Clear();
  request.set_last(300);
  EXPECT_EQ(records(request).size(), 300u);
  request.set_last(1'000'000);
  EXPECT_EQ(records(request).front().sequence(), 1u);
  request.Clear();
  request.set_verdict(static_cast<pb::AuditVerdict>(9));
  std::vector<pb::AuditRecord> none;
  EXPECT_TRUE(failed_with(read(request, none), "INVALID_ARGUMENT"));
}

TEST_F(AuditTest, ALockedVaultTellsNothing) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->lock()));
  std::vector<pb::AuditRecord> none;
  EXPECT_TRUE(failed_with(read({}, none), "LOCKED"));
  EXPECT_TRUE(failed_with(verify(), "LOCKED"));
}

TEST_F(AuditTest, LocksAndWhatCameMeanwhileAreTold) {
  start_unlocked();
  EXPECT_TRUE(failed_with(client_->get("absent"), "NOT_FOUND"));
  ASSERT_TRUE(succeeded(client_->lock()));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(failed_with(client_->get("hidden-name"), "LOCKED"));
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(records_of("hidden-name").empty()) << "no names while the keys are away";
  const auto all = records();
  EXPECT_TRUE(has_event(all, "locked: asked by"));
  EXPECT_EQ(count_of(all, "Secrets.Get"), 21u);
}

TEST_F(AuditTest, FollowersAreToldWhatComes) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  const auto stub = access();
  const auto ctx = context(std::chrono::seconds(60));
  pb::AuditRequest request;
  request.set_follow(true);
  request.set_name("mail");
  const auto reader = stub->Audit(ctx.get(), request);
  pb::AuditReply reply;
  ASSERT_TRUE(reader->Read(&reply));
  EXPECT_EQ(reply.records(0).method(), "Secrets.Set");
  ASSERT_TRUE(succeeded(client_->get("mail")));
  ASSERT_TRUE(reader->Read(&reply)) << "within the second of coalescing";
  EXPECT_EQ(reply.records(0).method(), "Secrets.Get");
  const auto other = connect();
  ASSERT_TRUE(succeeded(other->lock()));
  EXPECT_FALSE(reader->Read(&reply));
  EXPECT_TRUE(failed_with(outcome_of(reader->Finish(), *ctx), "LOCKED"));
}

TEST_F(AuditTest, ACrashLosesTheLastSecondAtMost) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  ASSERT_TRUE(succeeded(client_->get("mail")));
  // Whoever follows is told when it is in the vault.
  const auto stub = access();
  const auto ctx = context();
  pb::AuditRequest request;
  request.set_follow(true);
  request.set_name("mail");
  const auto reader = stub->Audit(ctx.get(), request);
  pb::AuditReply reply;
  std::uint64_t gets = 0;
  while (gets == 0 && reader->Read(&reply)) {
    for (const pb::AuditRecord& record : reply.records()) {
      gets += record.method() == "Secrets.Get" ? record.count() : 0;
    }
  }
  EXPECT_EQ(gets, 1u);
  daemon_->kill_hard();
  EXPECT_FALSE(reader->Read(&reply));
  (void)reader->Finish();
  client_.reset();
  start();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_EQ(count_of(records_of("mail"), "Secrets.Get"), 1u);
  EXPECT_TRUE(succeeded(verify()));
}

TEST_F(AuditTest, AdministrationIsDurableBeforeItsAnswer) {
  start_unlocked();
  pb::AddSlotRequest request;
  *request.mutable_authorization() = key_file(key_);
  *request.mutable_credential() = key_file(random_bytes(32));
  ASSERT_TRUE(succeeded(client_->call(client_->admin(), &pb::Admin::Stub::AddSlot, request)));
  daemon_->kill_hard();
  client_.reset();
  start();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_EQ(count_of(records(), "Admin.AddSlot"), 1u);
}

TEST_F(AuditTest, ADenialSurvivesAKillRightAfterItsAnswer) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  ASSERT_TRUE(succeeded(set_policy(reading("mail", pb::POLICY_DENY))));
  const Outcome refused = client_->get("mail");
  kill_and_unlock();
  EXPECT_TRUE(failed_with(refused, "POLICY_DENIED"));
  pb::AuditRequest request;
  request.set_verdict(pb::AUDIT_VERDICT_DENIED);
  const auto denied = records(request);
  ASSERT_EQ(denied.size(), 1u);
  EXPECT_EQ(denied[0].method(), "Secrets.Get");
  EXPECT_EQ(denied[0].item().name(), "mail");
  EXPECT_EQ(denied[0].rule(), "deny");
}

TEST_F(AuditTest, ADecoyThatWasReadSurvivesAKillRightAfterItsValue) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("wallet", "decoy")));
  pb::SetPolicyRequest mark;
  mark.mutable_subject()->set_name("wallet");
  mark.set_tripwire(true);
  *mark.mutable_authorization() = key_file(key_);
  ASSERT_TRUE(succeeded(set_policy(mark)));
  const Outcome read = client_->get("wallet");
  kill_and_unlock();
  EXPECT_TRUE(succeeded(read));
  const auto all = records_of("wallet");
  ASSERT_GE(all.size(), 3u);
  EXPECT_EQ(all[all.size() - 2].rule(), "tripwire");
  EXPECT_EQ(all[all.size() - 2].verdict(), pb::AUDIT_VERDICT_ALLOWED);
  EXPECT_EQ(all.back().verdict(), pb::AUDIT_VERDICT_EVENT);
  EXPECT_NE(all.back().event().find("a decoy was read"), std::string::npos);
  EXPECT_EQ(all.back().method(), "Secrets.Get");
  EXPECT_EQ(all.back().asker().chain(0).pid(), ::getpid());
}

TEST_F(AuditTest, AdministrationIsToldWithItsSubjectAndWhatItChanges) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  ASSERT_TRUE(succeeded(set_policy(reading("mail", pb::POLICY_ASK))));
  pb::SetPolicyRequest loosen = reading("mail", pb::POLICY_OPEN);
  *loosen.mutable_authorization() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(set_policy(loosen), "WRONG_CREDENTIAL"));
  *loosen.mutable_authorization() = key_file(key_);
  loosen.set_tripwire(true);
  ASSERT_TRUE(succeeded(set_policy(loosen)));
  ASSERT_TRUE(succeeded(set_policy(reading("", pb::POLICY_CONFIRM))));

  pb::AddGrantRequest grant;
  *grant.mutable_authorization() = key_file(key_);
  grant.set_collection("default");
  grant.add_verbs(pb::VERB_READ);
  grant.add_items("mail");
  grant.set_program("/usr/bin/job");
  grant.set_lifetime_ms(60'000);
  grant.set_uses(2);
  pb::AddGrantReply added;
  const auto stub = access();
  ASSERT_TRUE(succeeded(client_->call(*stub, &pb::Access::Stub::AddGrant, grant, added)));
  pb::RevokeGrantsRequest revoke;
  revoke.add_ids(added.id());
  ASSERT_TRUE(succeeded(client_->call(*stub, &pb::Access::Stub::RevokeGrants, revoke)));

  pb::AddSlotRequest slot;
  *slot.mutable_authorization() = key_file(key_);
  *slot.mutable_credential() = key_file(random_bytes(32));
  pb::AddSlotReply slot_added;
  ASSERT_TRUE(
      succeeded(client_->call(client_->admin(), &pb::Admin::Stub::AddSlot, slot, slot_added)));
  pb::RemoveSlotRequest remove;
  *remove.mutable_authorization() = key_file(key_);
  remove.set_index(slot_added.index());
  ASSERT_TRUE(succeeded(client_->call(client_->admin(), &pb::Admin::Stub::RemoveSlot, remove)));
  // The second time it is let in as before, and nothing comes of it.
  EXPECT_TRUE(failed_with(client_->call(client_->admin(), &pb::Admin::Stub::RemoveSlot, remove),
                          "NOT_FOUND"));

  const std::string index = std::to_string(slot_added.index());
  const std::string granted =
      "grant " + std::to_string(added.id()) + ": read for /usr/bin/job; items: mail; 2 uses";
  const std::vector<std::string> expected = {
      "+Access.SetPolicy default/mail read: open -> ask",
      "-Access.SetPolicy default/mail read: ask -> open",
      "+Access.SetPolicy default/mail read: ask -> open; decoy: no -> yes",
      "+Access.SetPolicy default/ read: open -> confirm",
      "+Access.AddGrant default/mail add " + granted + "; for 60 s",
      "+Access.RevokeGrants default/mail revoke " + granted,
      "+Admin.AddSlot / add a slot: key file",
      "+Admin.RemoveSlot / remove slot " + index + " (key file)",
      "+Admin.RemoveSlot / remove slot " + index + " (not there)",
      "!Admin.RemoveSlot / remove slot " + index + " (not there) not done: NOT_FOUND"};
  std::vector<std::string> told;
  for (const pb::AuditRecord& record : records()) {
    if (record.verb() != pb::VERB_ADMIN) continue;
    std::string line = record.verdict() == pb::AUDIT_VERDICT_ALLOWED  ? "+"
                       : record.verdict() == pb::AUDIT_VERDICT_DENIED ? "-"
                                                                      : "!";
    line += record.method() + " " + record.item().collection() + "/" + record.item().name() + " " +
            record.change();
    if (!record.event().empty()) line += " " + record.event();
    told.push_back(line);
  }
  EXPECT_EQ(told, expected);
  pb::AuditRequest of_collection;
  of_collection.set_collection("default");
  EXPECT_TRUE(std::ranges::any_of(records(of_collection), [](const pb::AuditRecord& record) {
    return record.item().name().empty() && record.change() == "read: open -> confirm";
  }));
}

TEST_F(AuditTest, AWrongCredentialIsToldWithWhoGaveIt) {
  start_unlocked();
  pb::RemoveSlotRequest remove;
  *remove.mutable_authorization() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(client_->call(client_->admin(), &pb::Admin::Stub::RemoveSlot, remove),
                          "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->unlock(key_file(random_bytes(32))), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(unlock()));
  pb::AuditRequest request;
  request.set_verdict(pb::AUDIT_VERDICT_DENIED);
  const auto denied = records(request);
  ASSERT_EQ(denied.size(), 2u);
  EXPECT_EQ(denied[0].method(), "Admin.RemoveSlot");
  EXPECT_EQ(denied[1].method(), "Session.Unlock");
  for (const pb::AuditRecord& record : denied) {
    EXPECT_EQ(record.rule(), "wrong credential");
    ASSERT_GT(record.asker().chain_size(), 0);
    EXPECT_EQ(record.asker().chain(0).pid(), ::getpid());
  }
}

TEST_F(AuditTest, EveryChangeBehindItsBackIsNamed) {
  start_unlocked();
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(succeeded(client_->set("n" + std::to_string(i), "v")));
  pb::VerifyAuditReply sound;
  ASSERT_TRUE(succeeded(verify(&sound)));
  EXPECT_EQ(sound.first_sequence(), 1u);
  ASSERT_GT(sound.last_sequence(), 12u);
  const struct {
    const char* edit;
    const char* named;
  } kEdits[] = {
      {"UPDATE audit SET sealed=randomblob(length(sealed)) WHERE sequence=5", "record 5 "},
      {"DELETE FROM audit WHERE sequence=6", "record 6 "},
      {"UPDATE audit SET sequence=999 WHERE sequence=3; UPDATE audit SET sequence=3 WHERE "
       "sequence=4; UPDATE audit SET sequence=4 WHERE sequence=999",
       "record 3 "},
      {"DELETE FROM audit WHERE sequence>=9", "record 9 "},
  };
  for (const auto& each : kEdits) {
    client_.reset();
    ASSERT_EQ(daemon_->stop().code, 0);
    const std::string good = read_file(home_.database());
    edit(each.edit);
    start();
    ASSERT_TRUE(succeeded(unlock()));
    const Outcome found = verify();
    EXPECT_TRUE(failed_with(found, "VAULT_DAMAGED")) << each.edit;
    EXPECT_NE(found.message.find(each.named), std::string::npos) << found.message;
    EXPECT_TRUE(succeeded(client_->get("n1"))) << "the secrets are as they were";
    client_.reset();
    ASSERT_EQ(daemon_->stop().code, 0);
    std::filesystem::remove(home_.database().string() + "-wal");
    write_file(home_.database(), good);
    std::filesystem::remove(home_.anchor_file());
    start();
    ASSERT_TRUE(succeeded(unlock()));
    ASSERT_TRUE(succeeded(verify())) << each.edit;
  }
}

TEST_F(AuditTest, TheLogIsBounded) {
  configure("[audit]\nmax_records = 100\n");
  start_unlocked();
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(succeeded(client_->set("n" + std::to_string(i), "v")));
  const auto all = records();
  EXPECT_LE(all.size(), 100u);
  EXPECT_GT(all.front().sequence(), 400u);
  pb::VerifyAuditReply reply;
  ASSERT_TRUE(succeeded(verify(&reply)));
  EXPECT_EQ(reply.first_sequence(), all.front().sequence());
  restart();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(succeeded(verify()));
}

TEST_F(AuditTest, AFullDiskStopsAdministrationAndNoRead) {
  if (const std::string why = why_no_mounts(); !why.empty()) GTEST_SKIP() << why;
  DaemonOptions small;
  small.launcher =
      with_mounts("mount -t tmpfs -o size=6m,mode=700 none " + (home_.path() / "data").string());
  start_unlocked(small);
  ASSERT_TRUE(succeeded(client_->set("mail", "value")));
  int full = 0;
  for (int i = 0; i < 200 && full < 5; ++i) {
    full += client_->set("filler" + std::to_string(i), random_bytes(i < 60 ? 300'000 : 10)).ok()
                ? 0
                : 1;
  }
  ASSERT_EQ(full, 5) << "the disk never filled";
  // Names enough that what waits cannot all be kept.
  for (int i = 0; i < 400; ++i) (void)client_->get("other" + std::to_string(i));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(succeeded(client_->get("mail")));
  pb::RemoveSlotRequest remove;
  *remove.mutable_authorization() = key_file(key_);
  remove.set_index(5);
  EXPECT_TRUE(failed_with(client_->call(client_->admin(), &pb::Admin::Stub::RemoveSlot, remove),
                          "DISK_FULL"));
  pb::VerifyAuditReply reply;
  ASSERT_TRUE(succeeded(verify(&reply)));
  EXPECT_GT(reply.gap(), 0u);
  ASSERT_TRUE(succeeded(client_->lock()));
  ASSERT_TRUE(succeeded(unlock()));
  ASSERT_TRUE(succeeded(client_->get("mail")));
}

}  // namespace
}  // namespace tacit::test
