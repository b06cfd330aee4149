// Replacement: new keys, restored backups, salvaged vaults, and who may do so.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tacit/v1/replacement.grpc.pb.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

namespace fs = std::filesystem;
using Stub = pb::Replacement::Stub;

class ReplacementService : public DaemonTest {
 protected:
  void SetUp() override {
    start_unlocked();
    reconnect();
    ASSERT_TRUE(succeeded(client_->set("mail", "old mail")));
    ASSERT_TRUE(succeeded(client_->set("mail", "new mail")));
    ASSERT_TRUE(succeeded(client_->set("prod", "p")));
  }
  void reconnect() { stub_ = pb::Replacement::NewStub(client_->channel()); }
  void begin_anew() {
    restart();
    reconnect();
  }
  pb::Credential right() const { return key_file(key_); }

  Outcome replace_keys(const pb::Credential& authorization,
                       const std::vector<pb::Credential>& credentials, bool recovery = false,
                       std::optional<std::uint32_t> removed = {}) {
    pb::ReplaceKeysRequest request;
    *request.mutable_authorization() = authorization;
    for (const pb::Credential& each : credentials) *request.add_credentials() = each;
    request.set_with_recovery_key(recovery);
    if (removed) request.set_removed_slot(*removed);
    std::vector<pb::ReplaceKeysReply> replies;
    const Outcome outcome = client_->read_all(*stub_, &Stub::ReplaceKeys, request, replies);
    recovery_key_ = replies.empty() ? "" : replies.back().recovery_key();
    return outcome;
  }
  std::string backup() {
    std::vector<pb::BackupReply> replies;
    EXPECT_TRUE(succeeded(client_->read_all(client_->admin(), &pb::Admin::Stub::Backup,
                                            pb::BackupRequest{}, replies)));
    std::string out;
    for (const pb::BackupReply& reply : replies) out += reply.chunk();
    return out;
  }
  Outcome upload(const std::string& bytes, std::uint64_t offset = 0) {
    constexpr std::size_t kPart = 200'000;
    Outcome outcome;
    do {
      pb::UploadRequest request;
      request.set_offset(offset);
      request.set_chunk(bytes.substr(std::min(offset, bytes.size()), kPart));
      outcome = client_->call(*stub_, &Stub::Upload, request);
      offset += request.chunk().size();
    } while (outcome.ok() && offset < bytes.size());
    return outcome;
  }
  Outcome restore(const std::string& bytes, const pb::Credential& credential,
                  const pb::Credential* current = nullptr) {
    const Outcome uploaded = upload(bytes);
    if (!uploaded.ok()) return uploaded;
    pb::RestoreBackupRequest request;
    *request.mutable_credential() = credential;
    if (current != nullptr) *request.mutable_current() = *current;
    std::vector<pb::RestoreBackupReply> replies;
    return client_->read_all(*stub_, &Stub::RestoreBackup, request, replies);
  }
  Outcome salvage(const pb::Credential& credential) {
    pb::SalvageRequest request;
    *request.mutable_credential() = credential;
    salvaged_.clear();
    return client_->read_all(*stub_, &Stub::Salvage, request, salvaged_);
  }
  std::vector<std::string> old_files() {
    pb::ListOldFilesReply reply;
    EXPECT_TRUE(succeeded(client_->call(*stub_, &Stub::ListOldFiles, {}, reply)));
    std::vector<std::string> out;
    for (const pb::OldFile& file : reply.files()) out.push_back(file.name());
    return out;
  }
  Outcome remove_old(const pb::Credential& authorization, const std::string& name) {
    pb::RemoveOldFileRequest request;
    *request.mutable_authorization() = authorization;
    request.set_name(name);
    return client_->call(*stub_, &Stub::RemoveOldFile, request);
  }
  std::string value(const std::string& name) {
    std::string out;
    const Outcome got = client_->get(name, &out);
    return got.ok() ? out : got.reason;
  }
  Outcome verified() {
    std::vector<pb::VerifyReply> replies;
    const Outcome outcome =
        client_->read_all(client_->admin(), &pb::Admin::Stub::Verify, pb::VerifyRequest{}, replies);
    for (const pb::VerifyReply& reply : replies) EXPECT_EQ(reply.message(), "");
    return outcome;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(home_.vault_dir()), fs::directory_iterator()));
  }

  std::unique_ptr<Stub> stub_;
  std::string recovery_key_;
  std::vector<pb::SalvageReply> salvaged_;
};

TEST_F(ReplacementService, NewKeysOpenByWhatWasGivenAndNothingElse) {
  const fs::path before = home_.database();
  const auto fresh = key_file(random_bytes(40));
  ASSERT_TRUE(succeeded(replace_keys(right(), {fresh}, true)));
  EXPECT_FALSE(recovery_key_.empty());
  EXPECT_NE(home_.database(), before);
  EXPECT_EQ(value("mail"), "new mail") << "it stays unlocked";
  ASSERT_TRUE(succeeded(client_->set("mail", "newest")));
  ASSERT_TRUE(succeeded(verified()));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->unlock(right()), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(client_->unlock(recovery_key(recovery_key_))));
  ASSERT_TRUE(succeeded(client_->lock()));
  begin_anew();
  pb::UnlockReply reply;
  ASSERT_TRUE(succeeded(client_->unlock(fresh, &reply)));
  EXPECT_FALSE(reply.first_use());
  EXPECT_EQ(value("mail"), "newest");
  EXPECT_EQ(old_files(), std::vector<std::string>{before.filename()});
  EXPECT_TRUE(failed_with(remove_old(right(), before.filename()), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(remove_old(fresh, home_.database().filename()), "VAULT_EXISTS"));
  EXPECT_TRUE(succeeded(remove_old(fresh, before.filename())));
  EXPECT_TRUE(old_files().empty());
  EXPECT_FALSE(fs::exists(before));
}

TEST_F(ReplacementService, NewKeysNeedACredentialAndASlotThatStays) {
  const auto fresh = key_file(random_bytes(40));
  EXPECT_TRUE(failed_with(replace_keys(key_file(random_bytes(32)), {fresh}), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(replace_keys(right(), {}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(replace_keys(right(), {recovery_key("0")}), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(replace_keys(right(), {fresh}, false, 0), "INVALID_ARGUMENT"))
      << "what opened it is what is to go";
  EXPECT_TRUE(old_files().empty());
  ASSERT_TRUE(succeeded(client_->set("mail", "still writable")));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(replace_keys(right(), {fresh}), "LOCKED"));
}

// Readers never see anything but what was written, and no write that was acknowledged is lost.
TEST_F(ReplacementService, ReadingGoesOnWhileKeysAreReplaced) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(succeeded(client_->set("item" + std::to_string(i), std::string(2000, 'v'))));
  }
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::thread reader([&] {
    const auto beside = connect();
    while (!stop) {
      std::string got;
      EXPECT_TRUE(succeeded(beside->get("prod", &got)));
      EXPECT_EQ(got, "p");
      ++reads;
    }
  });
  std::string acknowledged = "none";
  std::thread writer([&] {
    const auto beside = connect();
    for (int i = 0; !stop; ++i) {
      const std::string text = std::to_string(i);
      const Outcome set = beside->set("counter", text);
      if (set.ok()) {
        acknowledged = text;
      } else {
        EXPECT_TRUE(failed_with(set, "VAULT_BUSY"));
      }
    }
  });
  pb::Credential credential = right();
  for (int round = 0; round < 5; ++round) {
    const auto fresh = key_file(random_bytes(40));
    const Outcome replaced = replace_keys(credential, {fresh});
    EXPECT_TRUE(succeeded(replaced));
    if (replaced.ok()) credential = fresh;
  }
  stop = true;
  reader.join();
  writer.join();
  EXPECT_GT(reads, 10);
  EXPECT_EQ(value("counter"), acknowledged);
  EXPECT_EQ(old_files().size(), 5u);
  EXPECT_TRUE(succeeded(verified()));
  begin_anew();
  ASSERT_TRUE(succeeded(client_->unlock(credential)));
  EXPECT_EQ(value("counter"), acknowledged);
}

TEST_F(ReplacementService, ALockMeanwhileLeavesAVaultThatOpens) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(succeeded(client_->set("item" + std::to_string(i), std::string(2000, 'v'))));
  }
  pb::Credential credential = right();
  int replaced = 0;
  for (int round = 0; round < 12; ++round) {
    const auto fresh = key_file(random_bytes(40));
    Outcome outcome;
    std::thread caller([&] { outcome = replace_keys(credential, {fresh}); });
    const auto beside = connect();
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * round));  // the moment is the test
    ASSERT_TRUE(succeeded(beside->lock()));
    caller.join();
    if (outcome.ok()) {
      credential = fresh;
      ++replaced;
    }
    ASSERT_TRUE(succeeded(client_->unlock(credential))) << "round " << round << " " << outcome;
    EXPECT_EQ(value("mail"), "new mail");
    ASSERT_TRUE(succeeded(client_->set("round", std::to_string(round))));
  }
  EXPECT_TRUE(succeeded(verified()));
  EXPECT_EQ(old_files().size(), static_cast<std::size_t>(replaced));
}

TEST_F(ReplacementService, ABackupComesBackWhateverStateTheVaultIsIn) {
  const std::string copy = backup();
  const fs::path before = home_.database();
  ASSERT_TRUE(succeeded(client_->set("mail", "after the backup")));
  // Unlocked.
  ASSERT_TRUE(succeeded(restore(copy, right())));
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNLOCKED);
  EXPECT_EQ(value("mail"), "new mail");
  EXPECT_TRUE(fs::exists(before)) << "what was there is kept";
  ASSERT_TRUE(succeeded(client_->set("mail", "written since")));
  // Locked.
  ASSERT_TRUE(succeeded(client_->lock()));
  ASSERT_TRUE(succeeded(restore(copy, right())));
  EXPECT_EQ(value("mail"), "new mail");
  // Damaged beyond opening.
  daemon_.reset();
  write_file(home_.database(), "nothing of a database");
  begin_anew();
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNUSABLE);
  ASSERT_TRUE(succeeded(restore(copy, right())));
  EXPECT_EQ(value("mail"), "new mail");
  // Gone, but for the anchor.
  daemon_.reset();
  fs::remove_all(home_.vault_dir());
  begin_anew();
  ASSERT_TRUE(succeeded(restore(copy, right())));
  EXPECT_EQ(value("mail"), "new mail");
  EXPECT_TRUE(succeeded(verified()));
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_FALSE(status.read_only()) << status.problem_message();
}

TEST_F(ReplacementService, ABackupOpensOnAMachineWithoutAVault) {
  const std::string copy = backup();
  daemon_.reset();
  fs::remove_all(home_.vault_dir());
  fs::remove(home_.anchor_file());
  begin_anew();
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
  ASSERT_TRUE(succeeded(restore(copy, right())));
  EXPECT_EQ(value("mail"), "new mail");
}

TEST_F(ReplacementService, WhatIsNoWholeBackupChangesNothing) {
  const std::string copy = backup();
  const fs::path before = home_.database();
  ASSERT_TRUE(succeeded(client_->set("mail", "newest")));
  EXPECT_TRUE(failed_with(restore("no database", right()), "NOT_A_VAULT"));
  EXPECT_TRUE(failed_with(restore(copy.substr(0, copy.size() / 2), right()), "VAULT_DAMAGED"));
  std::string changed = copy;
  changed[changed.size() - 5000] ^= 1;
  const Outcome damaged = restore(changed, right());
  EXPECT_TRUE(damaged.ok() || damaged.reason == "VAULT_DAMAGED") << damaged;
  EXPECT_TRUE(failed_with(restore(copy, key_file(random_bytes(32))), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(restore("", right()), "VAULT_DAMAGED"));
  EXPECT_EQ(home_.database() == before, !damaged.ok());
  ASSERT_TRUE(succeeded(client_->unlock(right())));
  EXPECT_EQ(value("mail"), damaged.ok() ? "new mail" : "newest");
  // And no part of any upload is left beside it.
  for (const auto& file : fs::directory_iterator(home_.vault_dir())) {
    EXPECT_EQ(file.path().filename().string().rfind("backup-", 0), std::string::npos) << file;
    EXPECT_EQ(file.path().filename().string().rfind("creating-", 0), std::string::npos) << file;
  }
}

TEST_F(ReplacementService, PartsComeInTheirOrder) {
  EXPECT_TRUE(failed_with(upload("x", 5), "INVALID_ARGUMENT"));
  pb::RestoreBackupRequest request;
  *request.mutable_credential() = right();
  std::vector<pb::RestoreBackupReply> replies;
  EXPECT_TRUE(failed_with(client_->read_all(*stub_, &Stub::RestoreBackup, request, replies),
                          "INVALID_ARGUMENT"))
      << "nothing was handed over";
  pb::UploadRequest large;
  large.set_chunk(std::string(768 * 1024 + 1, 'x'));
  EXPECT_TRUE(failed_with(client_->call(*stub_, &Stub::Upload, large), "INVALID_ARGUMENT"));
  EXPECT_EQ(value("mail"), "new mail");
}

// A program of the same user that has no credential of the vault makes one of its own and tries to
// have it taken for the vault.
TEST_F(ReplacementService, AVaultOfAnothersMakingIsNotTakenForABackup) {
  const std::string own = backup();
  const fs::path vault = home_.vault_dir();
  const fs::path state = home_.anchor_file();
  const std::string others_key = random_bytes(32);
  std::string planted;
  {
    daemon_.reset();
    fs::rename(vault, home_.path() / "aside");
    fs::rename(state, home_.path() / "anchor-aside");
    start();
    pb::CreateRequest create;
    *create.add_credentials() = key_file(others_key);
    ASSERT_TRUE(succeeded(client_->create(create)));
    reconnect();
    planted = backup();
    daemon_.reset();
    fs::remove_all(vault);
    fs::rename(home_.path() / "aside", vault);
    fs::rename(home_.path() / "anchor-aside", state);
  }
  begin_anew();
  EXPECT_TRUE(failed_with(restore(planted, key_file(others_key)), "FORK"));
  ASSERT_TRUE(succeeded(client_->unlock(right())));
  EXPECT_EQ(value("mail"), "new mail");
  const auto wrong = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(restore(planted, key_file(others_key), &wrong), "WRONG_CREDENTIAL"));
  // Without the present vault, whose anchor is still there, either.
  daemon_.reset();
  fs::rename(vault, home_.path() / "aside");
  begin_anew();
  EXPECT_TRUE(failed_with(restore(planted, key_file(others_key)), "FORK"));
  daemon_.reset();
  fs::remove_all(vault);
  fs::rename(home_.path() / "aside", vault);
  begin_anew();
  // Who opens the present vault may.
  const auto present = right();
  EXPECT_TRUE(succeeded(restore(planted, key_file(others_key), &present)));
  EXPECT_EQ(value("mail"), "NOT_FOUND");
  const auto others = key_file(others_key);
  EXPECT_TRUE(succeeded(restore(own, right(), &others)));
  EXPECT_EQ(value("mail"), "new mail");
}

TEST_F(ReplacementService, ABackupOfBeforeANewKeyNeedsWhatOpensThePresentVault) {
  const std::string copy = backup();
  const auto fresh = key_file(random_bytes(40));
  ASSERT_TRUE(succeeded(replace_keys(right(), {fresh})));
  EXPECT_TRUE(failed_with(restore(copy, right()), "FORK"));
  ASSERT_TRUE(succeeded(client_->unlock(fresh)));
  EXPECT_TRUE(succeeded(restore(copy, right(), &fresh)));
  EXPECT_EQ(value("mail"), "new mail");
  begin_anew();
  EXPECT_TRUE(succeeded(client_->unlock(right())));
}

TEST_F(ReplacementService, ADamagedVaultGivesBackWhatItHas) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(succeeded(client_->set("item" + std::to_string(i), "value " + std::to_string(i))));
  }
  ASSERT_TRUE(succeeded(client_->lock()));
  daemon_.reset();
  const std::uint64_t pages = fs::file_size(home_.database()) / 4096;
  for (std::uint64_t page = 20; page < pages; page += 25) {
    patch_file(home_.database(), page * 4096, std::string(4096, '\x5a'));
  }
  begin_anew();
  EXPECT_TRUE(failed_with(client_->unlock(right()), "VAULT_DAMAGED"));
  EXPECT_TRUE(failed_with(salvage(key_file(random_bytes(32))), "WRONG_CREDENTIAL"));
  ASSERT_TRUE(succeeded(salvage(right())));
  ASSERT_TRUE(salvaged_.back().has_summary());
  const pb::SalvageSummary& summary = salvaged_.back().summary();
  EXPECT_GT(summary.losses(), 0u);
  EXPECT_GT(summary.items(), 100u);
  std::size_t told = 0;
  for (const pb::SalvageReply& reply : salvaged_) told += reply.loss().empty() ? 0 : 1;
  EXPECT_EQ(told, summary.losses());
  EXPECT_TRUE(succeeded(verified()));
  int kept = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string got = value("item" + std::to_string(i));
    // Where rules may be lost every collection asks, and nobody can be asked here.
    if (got == "value " + std::to_string(i)) {
      ++kept;
    } else {
      EXPECT_TRUE(got == "NOT_FOUND" || got == "NO_PROMPTER") << got;
    }
  }
  EXPECT_TRUE(kept > 100 || summary.rules_tightened());
  EXPECT_EQ(old_files().size(), 1u);
  begin_anew();
  EXPECT_TRUE(succeeded(client_->unlock(right())));
}

TEST_F(ReplacementService, AWholeVaultIsSalvagedWithoutALoss) {
  ASSERT_TRUE(succeeded(salvage(right())));
  EXPECT_EQ(salvaged_.back().summary().losses(), 0u);
  EXPECT_EQ(salvaged_.back().summary().items(), 2u);
  EXPECT_EQ(value("mail"), "new mail");
}

}  // namespace
}  // namespace tacit::test
