// Admin: slots, passphrases, verification, copies and new data keys.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Stub = pb::Admin::Stub;

class AdminService : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }

  std::vector<pb::Slot> slots() {
    pb::ListSlotsReply reply;
    EXPECT_TRUE(succeeded(client_->call(client_->admin(), &Stub::ListSlots, {}, reply)));
    return {reply.slots().begin(), reply.slots().end()};
  }
  Outcome add(const pb::Credential& authorization, const pb::Credential* credential) {
    pb::AddSlotRequest request;
    *request.mutable_authorization() = authorization;
    if (credential != nullptr) *request.mutable_credential() = *credential;
    return client_->call(client_->admin(), &Stub::AddSlot, request, added_);
  }
  Outcome remove(const pb::Credential& authorization, std::uint32_t index) {
    pb::RemoveSlotRequest request;
    *request.mutable_authorization() = authorization;
    request.set_index(index);
    return client_->call(client_->admin(), &Stub::RemoveSlot, request);
  }
  Outcome change(const pb::Credential& authorization, const std::string& text,
                 std::optional<std::uint32_t> index = {}) {
    pb::ChangePassphraseRequest request;
    *request.mutable_authorization() = authorization;
    request.set_new_passphrase(text);
    if (index) request.set_index(*index);
    return client_->call(client_->admin(), &Stub::ChangePassphrase, request);
  }
  Outcome opens_with(const pb::Credential& credential) {
    EXPECT_TRUE(succeeded(client_->lock()));
    return client_->unlock(credential);
  }
  const pb::Credential right() const { return key_file(key_); }
  /// What the log tells of each change: `+` allowed, `-` denied, `!` an event.
  std::vector<std::string> changes() {
    std::vector<pb::AuditReply> replies;
    EXPECT_TRUE(succeeded(client_->read_all(client_->access(), &pb::Access::Stub::Audit,
                                            pb::AuditRequest{}, replies)));
    std::vector<std::string> out;
    for (const pb::AuditReply& reply : replies) {
      for (const pb::AuditRecord& record : reply.records()) {
        if (!record.change().empty()) {
          out.push_back(" +-!"[record.verdict()] + record.change());
        }
      }
    }
    return out;
  }

  pb::AddSlotReply added_;
};

TEST_F(AdminService, SlotsAreToldWithTheirCosts) {
  const auto typed = passphrase("typed");
  ASSERT_TRUE(succeeded(add(right(), &typed)));
  EXPECT_EQ(added_.index(), 1u);
  EXPECT_EQ(added_.recovery_key(), "");
  const auto all = slots();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind(), pb::SLOT_KIND_KEY_FILE);
  EXPECT_EQ(all[0].kdf_memory_bytes(), 0u);
  EXPECT_EQ(all[1].index(), 1u);
  EXPECT_EQ(all[1].kind(), pb::SLOT_KIND_PASSPHRASE);
  EXPECT_GE(all[1].kdf_memory_bytes(), 64u << 20);
  EXPECT_GE(all[1].kdf_passes(), 3u);
  EXPECT_GT(all[1].created_unix_ms(), 0);
}

TEST_F(AdminService, ANewSlotOpensAndARemovedOneDoesNot) {
  const auto typed = passphrase("typed");
  ASSERT_TRUE(succeeded(add(right(), &typed)));
  ASSERT_TRUE(succeeded(add(right(), nullptr)));
  const std::string recovery = added_.recovery_key();
  EXPECT_FALSE(recovery.empty());
  EXPECT_TRUE(succeeded(opens_with(typed)));
  EXPECT_TRUE(succeeded(opens_with(recovery_key(recovery))));
  ASSERT_TRUE(succeeded(remove(recovery_key(recovery), 1)));
  EXPECT_TRUE(failed_with(opens_with(typed), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(succeeded(unlock()));
}

TEST_F(AdminService, ChangesOfSlotsNeedACredential) {
  const auto wrong = key_file(random_bytes(32));
  const auto typed = passphrase("typed");
  EXPECT_TRUE(failed_with(add(wrong, &typed), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(add(pb::Credential(), &typed), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(remove(wrong, 0), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(change(wrong, "new", 0), "WRONG_CREDENTIAL"));
  EXPECT_EQ(slots().size(), 1u);
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNLOCKED);
}

TEST_F(AdminService, TheLastSlotStays) {
  EXPECT_TRUE(failed_with(remove(right(), 0), "LAST_SLOT"));
  EXPECT_TRUE(failed_with(remove(right(), 9), "NOT_FOUND"));
  EXPECT_TRUE(succeeded(opens_with(right())));
}

TEST_F(AdminService, ThereAreSixteenSlots) {
  for (int i = 1; i < 16; ++i) {
    const auto another = key_file(random_bytes(32));
    ASSERT_TRUE(succeeded(add(right(), &another))) << i;
  }
  const auto another = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(add(right(), &another), "LIMIT"));
  EXPECT_EQ(slots().size(), 16u);
}

TEST_F(AdminService, NewSlotsAreHeldToTheBounds) {
  for (const auto& credential : {passphrase(""), passphrase(std::string(4097, 'p')),
                                 key_file(random_bytes(31)), recovery_key("chosen")}) {
    EXPECT_TRUE(failed_with(add(right(), &credential), "INVALID_ARGUMENT"));
  }
}

TEST_F(AdminService, APassphraseIsReplaced) {
  const auto old_one = passphrase("old");
  ASSERT_TRUE(succeeded(add(right(), &old_one)));
  ASSERT_TRUE(succeeded(change(old_one, "new")));
  EXPECT_TRUE(failed_with(opens_with(old_one), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(succeeded(client_->unlock(passphrase("new"))));
  ASSERT_TRUE(succeeded(change(right(), "newer", 1)));
  EXPECT_TRUE(succeeded(opens_with(passphrase("newer"))));
  EXPECT_TRUE(failed_with(change(right(), "", 1), "INVALID_ARGUMENT"));
  EXPECT_EQ(changes(),
            (std::vector<std::string>{"+add a slot: passphrase", "+change the passphrase of slot 1",
                                      "+change the passphrase of slot 1"}));
  EXPECT_TRUE(failed_with(change(right(), std::string(4097, 'p'), 1), "INVALID_ARGUMENT"));
  EXPECT_TRUE(failed_with(change(right(), "x", 0), "INVALID_ARGUMENT")) << "a key file's slot";
  EXPECT_TRUE(failed_with(change(right(), "x", 9), "NOT_FOUND"));
  EXPECT_EQ(slots().size(), 2u);
}

TEST_F(AdminService, AConfirmedRecoveryKeyIsNoLongerTold) {
  ASSERT_TRUE(succeeded(add(right(), nullptr)));
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(
      client_->call(client_->admin(), &Stub::ConfirmRecoveryKey, pb::ConfirmRecoveryKeyRequest{})));
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_FALSE(status.recovery_key_unconfirmed());
}

TEST_F(AdminService, VerifyReadsEveryRowAndFindsNothing) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(succeeded(client_->set("n" + std::to_string(i), random_bytes(100))));
  }
  std::vector<pb::VerifyReply> replies;
  ASSERT_TRUE(
      succeeded(client_->read_all(client_->admin(), &Stub::Verify, pb::VerifyRequest{}, replies)));
  ASSERT_FALSE(replies.empty());
  for (const auto& reply : replies) EXPECT_EQ(reply.finding(), pb::REASON_UNSPECIFIED);
  EXPECT_EQ(replies.back().rows_done(), replies.back().rows_total());
  EXPECT_GE(replies.back().rows_total(), 300u);
}

TEST_F(AdminService, GetsAndSetsAreServedWhileABackupIsMade) {
  DaemonOptions options;
  options.arguments = {"--limit", "slice=500"};
  restart(options);
  ASSERT_TRUE(succeeded(unlock()));
  const std::string large = random_bytes(700'000);
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(succeeded(client_->set("large" + std::to_string(i), large)));
  }
  ASSERT_TRUE(succeeded(client_->set("small", "before")));
  const auto other = connect();
  const auto ctx = context();
  const auto reader = other->admin().Backup(ctx.get(), {});
  std::atomic<bool> first = false;
  std::uint64_t bytes = 0;
  std::uint64_t told = 0;
  std::thread copying([&] {
    for (pb::BackupReply reply; reader->Read(&reply);) {
      bytes += reply.chunk().size();
      if (!reply.chunk().empty()) first = true;
      if (reply.total_size() != 0) told = reply.total_size();
    }
    first = true;
  });
  int served = 0;
  for (; !first; ++served) {
    std::string value;
    if (served % 10 == 9) {
      EXPECT_TRUE(succeeded(client_->set("small", "v" + std::to_string(served))));
    }
    EXPECT_TRUE(succeeded(client_->get("small", &value)));
  }
  copying.join();
  const grpc::Status end = reader->Finish();
  EXPECT_TRUE(end.ok()) << end.error_message();
  EXPECT_GT(bytes, 80u * 700'000u);
  EXPECT_EQ(bytes, told);
  // Held for the whole copy the thread would have served none, or those that came before it.
  EXPECT_GE(served, 20);
  for (const auto& file : std::filesystem::directory_iterator(home_.vault_dir())) {
    EXPECT_NE(file.path().extension(), ".tmp") << file.path();
  }
}

TEST_F(AdminService, ABackupSavesAVaultWhoseFolderIsGone) {
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  std::filesystem::rename(home_.vault_dir(), home_.path() / "away");
  EXPECT_TRUE(failed_with(client_->set("name", "lost"), "IO_ERROR"));
  std::vector<pb::BackupReply> replies;
  ASSERT_TRUE(
      succeeded(client_->read_all(client_->admin(), &Stub::Backup, pb::BackupRequest{}, replies)));
  std::string value;
  EXPECT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "value");
}

TEST_F(AdminService, ABackupIsAVaultOfItsOwn) {
  const std::string secret = random_text(24);
  ASSERT_TRUE(succeeded(client_->set("name", secret)));
  ASSERT_TRUE(succeeded(client_->set("large", random_bytes(700'000))));
  std::vector<pb::BackupReply> replies;
  ASSERT_TRUE(
      succeeded(client_->read_all(client_->admin(), &Stub::Backup, pb::BackupRequest{}, replies)));
  ASSERT_FALSE(replies.empty());
  std::string copy;
  for (const auto& reply : replies) {
    EXPECT_LE(reply.chunk().size(), 256u * 1024);
    copy += reply.chunk();
  }
  EXPECT_EQ(replies.front().total_size(), copy.size());
  EXPECT_EQ(copy.find(secret), std::string::npos);

  // In a home of its own it is opened by the same slot.
  Home other;
  std::filesystem::create_directories(other.vault_dir());
  std::filesystem::permissions(other.vault_dir(), std::filesystem::perms::owner_all);
  std::filesystem::permissions(other.vault_dir().parent_path(), std::filesystem::perms::owner_all);
  const std::string name = home_.database().filename();
  write_file(other.vault_dir() / name, copy);
  write_file(other.vault_dir() / "CURRENT", read_file(home_.vault_dir() / "CURRENT"));
  DaemonProcess second(other);
  StockClient reader(other.socket());
  pb::UnlockReply unlocked;
  ASSERT_TRUE(succeeded(reader.unlock(right(), &unlocked)));
  EXPECT_TRUE(unlocked.first_use());
  std::string value;
  ASSERT_TRUE(succeeded(reader.get("name", &value)));
  EXPECT_EQ(value, secret);
}

TEST_F(AdminService, RotateSealsAgainAndLosesNothing) {
  for (int i = 0; i < 1500; ++i) {
    ASSERT_TRUE(succeeded(client_->set("n" + std::to_string(i), std::to_string(i))));
  }
  pb::RotateRequest request;
  *request.mutable_authorization() = key_file(random_bytes(32));
  std::vector<pb::RotateReply> replies;
  EXPECT_TRUE(failed_with(client_->read_all(client_->admin(), &Stub::Rotate, request, replies),
                          "WRONG_CREDENTIAL"));
  *request.mutable_authorization() = right();
  ASSERT_TRUE(succeeded(client_->read_all(client_->admin(), &Stub::Rotate, request, replies)));
  ASSERT_FALSE(replies.empty());
  EXPECT_EQ(replies.back().items_done(), replies.back().items_total());
  restart();
  ASSERT_TRUE(succeeded(unlock()));
  for (int i = 0; i < 1500; i += 7) {
    std::string value;
    ASSERT_TRUE(succeeded(client_->get("n" + std::to_string(i), &value)));
    ASSERT_EQ(value, std::to_string(i));
  }
}

TEST_F(AdminService, AnOldFilePutBackIsFoundAndServedReadOnlyUntilAccepted) {
  ASSERT_TRUE(succeeded(client_->set("name", "old")));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  const std::string old_file = read_file(home_.database());
  start();
  ASSERT_TRUE(succeeded(unlock()));
  ASSERT_TRUE(succeeded(client_->set("name", "new")));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  write_file(home_.database(), old_file);
  start();
  ASSERT_TRUE(succeeded(unlock()));
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_TRUE(status.read_only());
  EXPECT_EQ(status.problem(), pb::REASON_ROLLBACK);
  EXPECT_FALSE(status.problem_message().empty());
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "old");
  EXPECT_FALSE(client_->set("name", "refused").ok());
  pb::AcceptRollbackRequest accept;
  *accept.mutable_authorization() = key_file(random_bytes(32));
  EXPECT_TRUE(failed_with(client_->call(client_->admin(), &Stub::AcceptRollback, accept),
                          "WRONG_CREDENTIAL"));
  *accept.mutable_authorization() = right();
  ASSERT_TRUE(succeeded(client_->call(client_->admin(), &Stub::AcceptRollback, accept)));
  EXPECT_TRUE(succeeded(client_->set("name", "newer")));
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_FALSE(status.read_only());
  EXPECT_EQ(changes(), (std::vector<std::string>{"-accept the rollback", "+accept the rollback"}));
}

}  // namespace
}  // namespace tacit::test
