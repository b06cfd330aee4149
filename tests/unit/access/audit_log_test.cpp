// What is written when, and what becomes of it when nothing can be written.
#include "daemon/access/audit_log.h"

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class AuditLogTest : public Scratch {
 protected:
  void SetUp() override {
    create();
    make_log();
    log_->unlocked("unlocked");
  }
  void make_log(std::uint64_t max_records = 100'000) {
    log_.emplace(AuditLog::Setup{[this](const std::function<void(Vault&)>& work) -> absl::Status {
                                   if (!fault_.ok()) return fault_;
                                   if (!vault_) return make_error(Reason::kLocked, "locked");
                                   work(*vault_);
                                   return absl::OkStatus();
                                 },
                                 clock(), &boot_, max_records, [this] { ++told_; },
                                 [this](const absl::Status&) { ++troubles_; }});
  }
  std::shared_ptr<const Asker> asker(pid_t pid) {
    auto out = std::make_shared<Asker>();
    out->chain.resize(2);
    out->chain[0].pid = 1000;
    out->chain[0].executable = "/usr/bin/tacit";
    out->chain[1].pid = pid;
    out->chain[1].executable = "/usr/bin/editor";
    out->program = 1;
    return out;
  }
  absl::Status read(const std::string& name, pid_t pid = 7, const std::string& rule = "open") {
    const ItemName item{"default", name};
    AuditEntry entry;
    entry.asker = asker(pid);
    entry.verb = Verb::kRead;
    entry.method = "Secrets.Get";
    entry.item = &item;
    entry.rule = rule;
    return log_->note(entry);
  }
  absl::Status deny(const std::string& name) {
    const ItemName item{"default", name};
    AuditEntry entry;
    entry.asker = asker(7);
    entry.verb = Verb::kRead;
    entry.method = "Secrets.Get";
    entry.item = &item;
    entry.verdict = AuditVerdict::kDenied;
    entry.rule = "deny";
    return log_->note(entry);
  }
  /// The records in the vault, from `from` on.
  std::vector<AuditRecord> written(std::uint64_t from = 2) {
    std::vector<AuditRecord> out;
    const auto found = vault_->read_audit(from, 1 << 20);
    EXPECT_TRUE(found.ok()) << found.status();
    for (const Vault::AuditRecord& one : *found) {
      const auto record = decode_audit_record(one.body);
      EXPECT_TRUE(record.has_value());
      out.push_back(record.value_or(AuditRecord{}));
    }
    return out;
  }

  ManualBootClock boot_{std::chrono::hours(1)};
  std::optional<AuditLog> log_;
  absl::Status fault_;
  int told_ = 0;
  int troubles_ = 0;
};

TEST_F(AuditLogTest, EqualReadsAreOneRecordWithinASecond) {
  for (int i = 0; i < 1000; ++i) {
    now_ += 1;
    ASSERT_TRUE(read("mail").ok());
  }
  ASSERT_TRUE(read("bank").ok());
  EXPECT_EQ(written().size(), 0u) << "no commit for a read";
  boot_.advance(AuditLog::kDelay);
  log_->on_alarm();
  const auto records = written();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].count, 1000u);
  EXPECT_EQ(records[0].last_time - records[0].time, 999);
  EXPECT_EQ(records[0].item->name, "mail");
  EXPECT_EQ(records[0].item_tag, vault_->audit_tag({"default", "mail"}));
  EXPECT_EQ(records[0].asker->asking().executable, "/usr/bin/editor");
  EXPECT_EQ(records[1].count, 1u);
}

TEST_F(AuditLogTest, ThoseOfAnotherProgramItemOrRuleAreNot) {
  ASSERT_TRUE(read("mail", 7).ok());
  ASSERT_TRUE(read("mail", 8).ok());
  ASSERT_TRUE(read("bank", 7).ok());
  ASSERT_TRUE(read("mail", 7, "grant 3").ok());
  ASSERT_TRUE(log_->flush().ok());
  EXPECT_EQ(written().size(), 4u);
}

TEST_F(AuditLogTest, AFullBatchIsWrittenBeforeTheSecond) {
  for (std::size_t i = 0; i <= AuditLog::kMaxWaiting; ++i) {
    ASSERT_TRUE(read("n" + std::to_string(i)).ok());
  }
  EXPECT_EQ(written().size(), AuditLog::kMaxWaiting);
  EXPECT_EQ(log_->lost(), 0u);
}

TEST_F(AuditLogTest, AChangeIsKeptWithItsSubjectAndForgottenByALock) {
  const ItemName subject{"work", ""};
  AuditEntry entry;
  entry.asker = asker(7);
  entry.verb = Verb::kAdmin;
  entry.method = "Access.SetPolicy";
  entry.item = &subject;
  entry.rule = "admin";
  entry.change = "read: open -> ask";
  ASSERT_TRUE(log_->note(entry).ok());
  const auto records = written();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].change, "read: open -> ask");
  EXPECT_EQ(records[0].item->collection, "work");
  EXPECT_EQ(records[0].item->name, "");
  EXPECT_EQ(records[0].item_tag, vault_->audit_tag(subject));
  // A change may name items, which nothing does while the keys are away.
  fault_ = make_error(Reason::kDiskFull, "full");
  EXPECT_FALSE(log_->note(entry).ok());
  log_->locked("locked");
  ASSERT_TRUE(log_->note(entry).ok());
  fault_ = absl::OkStatus();
  log_->unlocked("unlocked");
  for (const AuditRecord& record : written(3)) {
    EXPECT_EQ(record.change, "");
    EXPECT_FALSE(record.item.has_value());
  }
}

TEST_F(AuditLogTest, ADenialIsDurableAtOnceAndComesAfterWhatWasBefore) {
  ASSERT_TRUE(read("mail").ok());
  ASSERT_TRUE(deny("bank").ok());
  const auto records = written();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].item->name, "mail");
  EXPECT_EQ(records[1].verdict, AuditVerdict::kDenied);
}

TEST_F(AuditLogTest, SoIsAdministrationAndWhatIsConfirmed) {
  AuditEntry entry;
  entry.asker = asker(7);
  entry.verb = Verb::kAdmin;
  entry.method = "Admin.AddSlot";
  ASSERT_TRUE(log_->note(entry).ok());
  EXPECT_EQ(written().size(), 1u);
  entry.verb = Verb::kRead;
  entry.each_use = true;
  ASSERT_TRUE(log_->note(entry).ok());
  ASSERT_TRUE(log_->note(entry).ok());
  EXPECT_EQ(written().size(), 3u);
}

TEST_F(AuditLogTest, AskingForTheStateIsNotNoted) {
  AuditEntry entry;
  entry.asker = asker(7);
  entry.method = "Session.Status";
  ASSERT_TRUE(log_->note(entry).ok());
  ASSERT_TRUE(log_->flush().ok());
  EXPECT_EQ(written().size(), 0u) << "it touches nothing";
  entry.verdict = AuditVerdict::kDenied;
  ASSERT_TRUE(log_->note(entry).ok());
  EXPECT_EQ(written().size(), 1u);
}

TEST_F(AuditLogTest, LockingWritesAllThatWaits) {
  ASSERT_TRUE(read("mail").ok());
  log_->locking("locked: idle time-out");
  const auto records = written();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].event, "locked: idle time-out");
  EXPECT_EQ(records[1].verdict, AuditVerdict::kEvent);
}

TEST_F(AuditLogTest, WhileLockedNamesAreForgottenAndLossesCounted) {
  log_->locking("locked");
  for (std::size_t i = 0; i < AuditLog::kMaxWaiting + 40; ++i) {
    ASSERT_TRUE(read("n" + std::to_string(i), static_cast<pid_t>(i + 1)).ok());
  }
  const std::uint64_t before = vault_->next_audit_sequence();
  log_->unlocked("unlocked again");
  const auto records = written(before);
  ASSERT_EQ(records.size(), AuditLog::kMaxWaiting + 1);
  EXPECT_EQ(records[0].lost, 41u);  // the event took a place, too
  EXPECT_NE(records[0].event.find("41 decisions were not recorded"), std::string::npos);
  for (const AuditRecord& record : records) EXPECT_FALSE(record.item.has_value());
  EXPECT_EQ(records[1].asker->asking().pid, 42);
  EXPECT_EQ(records.back().event, "unlocked again");
  EXPECT_EQ(log_->lost(), 0u);
}

TEST_F(AuditLogTest, EqualOnesWhileLockedAreCounted) {
  log_->locking("locked");
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(read("a").ok());
  const std::uint64_t before = vault_->next_audit_sequence();
  log_->unlocked("unlocked");
  const auto records = written(before);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].count, 10'000u);
}

TEST_F(AuditLogTest, ADiskThatTakesNothingStopsAdministrationButNoRead) {
  fault_ = make_error(Reason::kDiskFull, "the disk is full");
  for (std::size_t i = 0; i < AuditLog::kMaxWaiting + 10; ++i) {
    ASSERT_TRUE(read("n" + std::to_string(i)).ok());
  }
  EXPECT_EQ(reason_of(deny("bank")), Reason::kDiskFull);
  AuditEntry admin;
  admin.asker = asker(7);
  admin.verb = Verb::kAdmin;
  admin.method = "Admin.AddSlot";
  EXPECT_EQ(reason_of(log_->note(admin)), Reason::kDiskFull);
  EXPECT_EQ(troubles_, 1);
  EXPECT_EQ(log_->lost(), 12u);
  fault_ = absl::OkStatus();
  boot_.advance(AuditLog::kRetryDelay);
  log_->on_alarm();
  const auto records = written();
  ASSERT_EQ(records.size(), AuditLog::kMaxWaiting + 1);
  EXPECT_EQ(records[0].lost, 12u);
  EXPECT_NE(records[0].event.find("the disk is full"), std::string::npos);
  EXPECT_EQ(records.back().method, "Admin.AddSlot");
}

TEST_F(AuditLogTest, AVaultThatIsReadOnlyCanStillBeAccepted) {
  fault_ = make_error(Reason::kRollback, "an old copy was put back");
  AuditEntry admin;
  admin.asker = asker(7);
  admin.verb = Verb::kAdmin;
  admin.method = "Admin.AcceptRollback";
  EXPECT_TRUE(log_->note(admin).ok());
  fault_ = absl::OkStatus();
  ASSERT_TRUE(log_->flush().ok());
  const auto records = written();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].method, "Admin.AcceptRollback");
}

TEST_F(AuditLogTest, NamesGoAtALockThatCannotWrite) {
  ASSERT_TRUE(read("mail").ok());
  fault_ = make_error(Reason::kDiskFull, "the disk is full");
  log_->locking("locked");
  fault_ = absl::OkStatus();
  const std::uint64_t before = vault_->next_audit_sequence();
  log_->unlocked("unlocked");
  const auto records = written(before);
  ASSERT_EQ(records.size(), 4u);  // what happened, the read, the lock, the unlock
  EXPECT_EQ(records[1].method, "Secrets.Get");
  EXPECT_FALSE(records[1].item.has_value());
}

TEST_F(AuditLogTest, ALockByDamageIsToldLater) {
  log_->locked("locked: the vault is damaged");
  log_->locked("told once");
  const std::uint64_t before = vault_->next_audit_sequence();
  log_->unlocked("unlocked");
  const auto records = written(before);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].event, "locked: the vault is damaged");
}

TEST_F(AuditLogTest, ManyNotesStayBounded) {
  constexpr std::uint64_t kMax = 5000;
  make_log(kMax);
  log_->unlocked("again");
  for (int i = 0; i < 300'000; ++i) ASSERT_TRUE(read("n" + std::to_string(i)).ok());
  ASSERT_TRUE(log_->flush().ok());
  EXPECT_EQ(vault_->next_audit_sequence(), 300'003u);
  EXPECT_LE(vault_->next_audit_sequence() - vault_->first_audit_sequence(), kMax);
  EXPECT_EQ(vault_->verify_audit(), absl::OkStatus());
  EXPECT_EQ(written(300'002).back().item->name, "n299999");
  close();
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(place_.dir)) {
    bytes += entry.file_size();
  }
  EXPECT_LT(bytes, kMax * 1024);
}

TEST_F(AuditLogTest, ADroppedRecordThatWasChangedIsAnEvent) {
  make_log(50);
  log_->unlocked("again");
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(deny("n").ok());
  close();
  sql(database(), "UPDATE audit SET sealed=randomblob(300) WHERE sequence=5");
  reopen();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(deny("n").ok());
  bool told = false;
  for (const AuditRecord& record : written(1)) {
    told = told || record.event.find("record 5 of this log had been changed") == 0;
  }
  EXPECT_TRUE(told);
  EXPECT_EQ(vault_->verify_audit(), absl::OkStatus());
}

}  // namespace
}  // namespace tacit
