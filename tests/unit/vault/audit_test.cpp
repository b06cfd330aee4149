// The audit chain: what others change is named, what we drop is not missed.
#include <string>
#include <vector>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

class AuditChainTest : public Scratch {
 protected:
  void SetUp() override { create(); }
  absl::StatusOr<Vault::AuditDropped> append(int count, std::uint64_t keep = UINT64_MAX) {
    std::vector<SecretBytes> bodies;
    for (int i = 0; i < count; ++i) {
      bodies.push_back(SecretBytes::copy_of("event " + std::to_string(written_++)));
    }
    return vault_->append_audit(bodies, keep);
  }
  /// What a walk in slices of `limit` says; empty: all is well.
  std::string verdict(std::size_t limit = 3) {
    Vault::AuditWalk walk;
    while (!walk.done) {
      const absl::Status status = vault_->verify_audit(walk, limit);
      if (!status.ok()) {
        EXPECT_EQ(reason_of(status), Reason::kVaultDamaged);
        return std::string(status.message());
      }
    }
    return "";
  }
  /// The verdict after an edit of the closed file, which is mended again.
  std::string verdict_after(const std::string& edit) {
    close();
    const std::string good = read_file(database());
    sql(database(), edit);
    reopen();
    std::string found = verdict();
    close();
    write_file(database(), good);
    reopen();
    return found;
  }
  int written_ = 0;
};

TEST_F(AuditChainTest, RecordsAreReadAsTheyWereWritten) {
  ASSERT_TRUE(append(5).ok());
  ASSERT_TRUE(append(2).ok());
  reopen();
  EXPECT_EQ(vault_->first_audit_sequence(), 1u);
  EXPECT_EQ(vault_->next_audit_sequence(), 8u);
  EXPECT_EQ(vault_->verify_audit(), absl::OkStatus());
  const auto records = vault_->read_audit(3, 3);
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ((*records)[0].sequence, 3u);
  EXPECT_EQ(text_of((*records)[0].body), "event 2");
  EXPECT_EQ(vault_->read_audit(6, 100)->size(), 2u);
  EXPECT_EQ(vault_->read_audit(8, 100)->size(), 0u);
}

TEST_F(AuditChainTest, AWalkHandsOverEveryRecordOnce) {
  ASSERT_TRUE(append(10).ok());
  std::vector<std::string> seen;
  for (Vault::AuditWalk walk; !walk.done;) {
    ASSERT_TRUE(vault_
                    ->verify_audit(walk, 4,
                                   [&](const Vault::AuditRecord& record) {
                                     EXPECT_EQ(record.sequence, seen.size() + 1);
                                     seen.push_back(text_of(record.body));
                                   })
                    .ok());
  }
  ASSERT_EQ(seen.size(), 10u);
  EXPECT_EQ(seen.back(), "event 9");
}

TEST_F(AuditChainTest, EveryChangeIsNamed) {
  ASSERT_TRUE(append(7).ok());
  const std::pair<const char*, const char*> kEdits[] = {
      {"DELETE FROM audit WHERE sequence=7", "record 7 "},
      {"DELETE FROM audit WHERE sequence=4", "record 4 "},
      {"DELETE FROM audit WHERE sequence=1", "record 1 "},
      {"DELETE FROM audit WHERE sequence>2", "record 3 "},
      {"DELETE FROM audit", "record 1 "},
      {"UPDATE audit SET sealed=(SELECT sealed FROM audit WHERE sequence=6) WHERE sequence=3",
       "record 3 "},
      {"UPDATE audit SET sealed=substr(sealed, 1, length(sealed)-1) WHERE sequence=5", "record 5 "},
      {"UPDATE audit SET sealed=x'00' WHERE sequence=5", "record 5 "},
      {"UPDATE audit SET sequence=70 WHERE sequence=7", "record 7 "},
      // two records change places
      {"UPDATE audit SET sequence=99 WHERE sequence=2; UPDATE audit SET sequence=2 WHERE "
       "sequence=5; UPDATE audit SET sequence=5 WHERE sequence=99",
       "record 2 "},
      {"INSERT INTO audit VALUES(8, randomblob(100))", "record 8 "},
      {"INSERT INTO audit VALUES(0, randomblob(100))", "record 1 "},
      {"INSERT INTO audit VALUES(-5, randomblob(100))", "record 1 "},
  };
  for (const auto& [edit, named] : kEdits) {
    EXPECT_NE(verdict_after(edit).find(named), std::string::npos) << edit;
  }
  EXPECT_EQ(verdict(), "");
}

TEST_F(AuditChainTest, ARecordOfAnotherBranchOfTheSameVaultIsNoticed) {
  ASSERT_TRUE(append(3).ok());
  close();
  const std::string before = read_file(database());
  reopen();
  ASSERT_TRUE(append(4).ok());
  close();
  const std::string one = base_ + "/one.db";
  write_file(one, read_file(database()));
  // The same vault again from the third record on: its records 4 to 7 are authentic, too.
  write_file(database(), before);
  std::filesystem::remove(place_.anchor_file);
  reopen();
  ASSERT_TRUE(append(4).ok());
  EXPECT_EQ(verdict(), "");
  EXPECT_NE(verdict_after("ATTACH '" + one +
                          "' AS one; UPDATE audit SET sealed=(SELECT sealed "
                          "FROM one.audit AS o WHERE o.sequence=5) WHERE sequence=5; DETACH one")
                .find("record "),
            std::string::npos);
}

TEST_F(AuditChainTest, DroppingTheOldestVerifiesAndIsBounded) {
  constexpr std::uint64_t kKeep = 1000;
  for (int i = 0; i < 60; ++i) {
    const auto dropped = append(50, kKeep);
    ASSERT_TRUE(dropped.ok()) << dropped.status();
    EXPECT_EQ(dropped->damaged, 0u);
    EXPECT_LE(vault_->next_audit_sequence() - vault_->first_audit_sequence(), kKeep);
  }
  EXPECT_EQ(vault_->next_audit_sequence(), 3001u);
  EXPECT_GT(vault_->first_audit_sequence(), 2000u);
  EXPECT_EQ(verdict(100), "");
  reopen();
  EXPECT_EQ(verdict(100), "");
  const auto oldest = vault_->read_audit(1, 1);
  ASSERT_EQ(oldest->size(), 1u);
  EXPECT_EQ((*oldest)[0].sequence, vault_->first_audit_sequence());
  // What we dropped may not come back, and nobody else may drop.
  const std::string first = std::to_string(vault_->first_audit_sequence());
  EXPECT_NE(verdict_after("DELETE FROM audit WHERE sequence=" + first), "");
  EXPECT_NE(verdict_after("INSERT INTO audit SELECT 5, sealed FROM audit WHERE sequence=" + first),
            "");
}

TEST_F(AuditChainTest, AWalkGoesOnWhileTheOldestAreDropped) {
  ASSERT_TRUE(append(100).ok());
  Vault::AuditWalk walk;
  ASSERT_TRUE(vault_->verify_audit(walk, 10).ok());
  ASSERT_TRUE(append(100, 100).ok());
  ASSERT_GT(vault_->first_audit_sequence(), 50u);
  while (!walk.done) ASSERT_TRUE(vault_->verify_audit(walk, 10).ok());
}

TEST_F(AuditChainTest, ASmallerLimitIsReachedByAndBy) {
  ASSERT_TRUE(append(5000).ok());
  while (vault_->next_audit_sequence() - vault_->first_audit_sequence() > 100) {
    const std::uint64_t first = vault_->first_audit_sequence();
    ASSERT_TRUE(append(1, 100).ok());
    ASSERT_GT(vault_->first_audit_sequence(), first);
  }
  EXPECT_EQ(verdict(100), "");
}

TEST_F(AuditChainTest, WhatWasChangedIsToldWhenItIsDropped) {
  ASSERT_TRUE(append(100).ok());
  close();
  sql(database(), "UPDATE audit SET sealed=randomblob(200) WHERE sequence=20");
  reopen();
  const auto dropped = append(10, 50);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(dropped->damaged, 20u);
  EXPECT_EQ(verdict(), "") << "the rest is as it was written";
  reopen();
  EXPECT_EQ(verdict(), "");
}

TEST_F(AuditChainTest, EvenIfAllOfItWasChanged) {
  ASSERT_TRUE(append(100).ok());
  close();
  sql(database(), "DELETE FROM audit WHERE sequence>1");
  reopen();
  const auto dropped = append(10, 50);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(dropped->damaged, 2u);
  EXPECT_EQ(vault_->first_audit_sequence(), 101u);
  EXPECT_EQ(verdict(), "");
}

TEST_F(AuditChainTest, TheTagOfANameIsOfBothItsParts) {
  EXPECT_EQ(vault_->audit_tag({"a", "bc"}), vault_->audit_tag({"a", "bc"}));
  EXPECT_NE(vault_->audit_tag({"a", "bc"}), vault_->audit_tag({"ab", "c"}));
}

}  // namespace
}  // namespace tacit
