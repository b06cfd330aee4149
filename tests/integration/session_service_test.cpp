// Session: the state of the vault, making, unlocking and locking it.
#include <cctype>
#include <chrono>
#include <set>
#include <string>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using SessionService = DaemonTest;

pb::CreateRequest creation(std::initializer_list<pb::Credential> credentials,
                           bool with_recovery_key = false) {
  pb::CreateRequest request;
  for (const auto& credential : credentials) *request.add_credentials() = credential;
  request.set_with_recovery_key(with_recovery_key);
  return request;
}

TEST_F(SessionService, StatusTellsThatThereIsNoVault) {
  start();
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_EQ(status.state(), pb::VAULT_STATE_NONE);
  EXPECT_EQ(status.pid(), daemon_->pid());
  EXPECT_EQ(status.socket_path(), home_.socket());
  EXPECT_FALSE(status.version().empty());
  EXPECT_EQ(status.vault_path(), "");
  EXPECT_EQ(status.unlocked_unix_ms(), 0);
  EXPECT_EQ(status.slot_kinds_size(), 0);
}

TEST_F(SessionService, StatusOfAnUnlockedVaultTellsTimesAndSlots) {
  start();
  const auto before = std::chrono::system_clock::now().time_since_epoch();
  pb::CreateReply created;
  ASSERT_TRUE(succeeded(client_->create(
      creation({passphrase("right"), key_file(key_), key_file(random_bytes(64))}, true),
      &created)));
  EXPECT_FALSE(created.recovery_key().empty());
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_EQ(status.state(), pb::VAULT_STATE_UNLOCKED);
  EXPECT_EQ(status.vault_path(), home_.vault_dir());
  EXPECT_GE(status.unlocked_unix_ms(), before / std::chrono::milliseconds(1));
  EXPECT_GT(status.locks_unix_ms(), status.unlocked_unix_ms());
  EXPECT_TRUE(status.recovery_key_unconfirmed());
  EXPECT_EQ(status.problem(), pb::REASON_UNSPECIFIED);
  EXPECT_FALSE(status.read_only());
  const std::set<int> kinds(status.slot_kinds().begin(), status.slot_kinds().end());
  EXPECT_EQ(kinds, (std::set<int>{pb::SLOT_KIND_PASSPHRASE, pb::SLOT_KIND_RECOVERY_KEY,
                                  pb::SLOT_KIND_KEY_FILE}));
  EXPECT_EQ(status.slot_kinds_size(), 3) << "kinds come without duplicates";
}

TEST_F(SessionService, EachKindOfCredentialUnlocks) {
  start();
  pb::CreateReply created;
  const std::string binary = std::string("newline\nand\0nul\xff\xfe", 17);
  ASSERT_TRUE(
      succeeded(client_->create(creation({passphrase(binary), key_file(key_)}, true), &created)));
  for (const auto& credential :
       {passphrase(binary), key_file(key_), recovery_key(created.recovery_key())}) {
    ASSERT_TRUE(succeeded(client_->lock()));
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
    pb::UnlockReply reply;
    EXPECT_TRUE(succeeded(client_->unlock(credential, &reply)));
    EXPECT_FALSE(reply.already_unlocked());
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNLOCKED);
  }
}

TEST_F(SessionService, RecoveryKeyIsReadAsPeopleTypeIt) {
  start();
  pb::CreateReply created;
  ASSERT_TRUE(succeeded(client_->create(creation({key_file(key_)}, true), &created)));
  ASSERT_TRUE(succeeded(client_->lock()));
  std::string typed = " ";
  for (const char c : created.recovery_key()) {
    if (c == '-' || c == ' ') continue;
    const auto letter = static_cast<unsigned char>(c);
    typed += static_cast<char>(std::isupper(letter) ? std::tolower(letter) : std::toupper(letter));
    typed += ' ';
  }
  EXPECT_TRUE(succeeded(client_->unlock(recovery_key(typed))));
}

TEST_F(SessionService, WrongCredentialsAreRefusedAndNothingOpens) {
  start();
  pb::CreateReply created;
  ASSERT_TRUE(
      succeeded(client_->create(creation({passphrase("right"), key_file(key_)}, true), &created)));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->unlock(passphrase("wrong")), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(client_->unlock(key_file(random_bytes(32))), "WRONG_CREDENTIAL"));
  EXPECT_TRUE(failed_with(client_->unlock(recovery_key("not a key")), "WRONG_CREDENTIAL"));
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
  EXPECT_TRUE(succeeded(client_->unlock(passphrase("right"))));
}

TEST_F(SessionService, MalformedCredentialsAreInvalid) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->lock()));
  for (const auto& credential :
       {pb::Credential(), passphrase(""), passphrase(std::string(4097, 'x')), key_file(""),
        key_file(random_bytes(31)), key_file(random_bytes(65537))}) {
    EXPECT_TRUE(failed_with(client_->unlock(credential), "INVALID_ARGUMENT"))
        << credential.ShortDebugString().substr(0, 40);
  }
}

TEST_F(SessionService, CreationRefusesWhatItCannotTake) {
  start();
  pb::CreateRequest nine;
  for (int i = 0; i < 9; ++i) *nine.add_credentials() = key_file(random_bytes(32));
  for (const auto& request :
       {creation({}), creation({}, true), nine, creation({recovery_key("AAAA")}),
        creation({pb::Credential()}), creation({passphrase("")}),
        creation({passphrase(std::string(4097, 'x'))}), creation({key_file(random_bytes(31))})}) {
    EXPECT_TRUE(failed_with(client_->create(request), "INVALID_ARGUMENT"));
    EXPECT_EQ(client_->state(), pb::VAULT_STATE_NONE);
  }
  pb::CreateRequest eight;
  for (int i = 0; i < 8; ++i) *eight.add_credentials() = key_file(random_bytes(32));
  EXPECT_TRUE(succeeded(client_->create(eight)));
}

TEST_F(SessionService, AVaultIsNeverReplaced) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("kept", "value")));
  EXPECT_TRUE(failed_with(client_->create(creation({key_file(key_)})), "VAULT_EXISTS"));
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_TRUE(failed_with(client_->create(creation({key_file(key_)})), "VAULT_EXISTS"));
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("kept", &value)));
  EXPECT_EQ(value, "value");
}

TEST_F(SessionService, UnlockWithoutAVaultSaysSo) {
  start();
  EXPECT_TRUE(failed_with(unlock(), "NO_VAULT"));
}

TEST_F(SessionService, UnlockOfAnUnlockedVaultLooksAtNothing) {
  start_unlocked();
  pb::UnlockReply reply;
  ASSERT_TRUE(succeeded(client_->unlock(key_file(random_bytes(32)), &reply)));
  EXPECT_TRUE(reply.already_unlocked());
}

TEST_F(SessionService, LockTellsWhetherItWasLocked) {
  start();
  pb::LockReply reply;
  const auto lock = [&] {
    return client_->call(client_->session(), &pb::Session::Stub::Lock, pb::LockRequest{}, reply);
  };
  ASSERT_TRUE(succeeded(lock()));
  EXPECT_TRUE(reply.already_locked()) << "there is no vault yet";
  create_vault();
  ASSERT_TRUE(succeeded(lock()));
  EXPECT_FALSE(reply.already_locked());
  ASSERT_TRUE(succeeded(lock()));
  EXPECT_TRUE(reply.already_locked());
}

TEST_F(SessionService, WatchTellsTheStateAndEachChange) {
  start();
  const auto ctx = context();
  const auto reader = client_->session().Watch(ctx.get(), {});
  pb::SessionEvent event;
  const auto next = [&] {
    if (!reader->Read(&event)) return pb::VAULT_STATE_UNSPECIFIED;
    return event.state();
  };
  EXPECT_EQ(next(), pb::VAULT_STATE_NONE);
  create_vault();
  EXPECT_EQ(next(), pb::VAULT_STATE_UNLOCKED);
  ASSERT_TRUE(succeeded(client_->lock()));
  EXPECT_EQ(next(), pb::VAULT_STATE_LOCKED);
  EXPECT_FALSE(event.cause().empty());
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_EQ(next(), pb::VAULT_STATE_UNLOCKED);
  ctx->TryCancel();
}

TEST_F(SessionService, AVaultOpensAgainAfterARestart) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("kept", "value")));
  restart();
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
  pb::UnlockReply reply;
  ASSERT_TRUE(succeeded(client_->unlock(key_file(key_), &reply)));
  EXPECT_FALSE(reply.first_use());
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("kept", &value)));
  EXPECT_EQ(value, "value");
}

TEST_F(SessionService, FirstUseIsToldWithoutAnAnchor) {
  start_unlocked();
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  std::filesystem::remove(home_.anchor_file());
  start();
  pb::UnlockReply reply;
  ASSERT_TRUE(succeeded(client_->unlock(key_file(key_), &reply)));
  EXPECT_TRUE(reply.first_use());
}

}  // namespace
}  // namespace tacit::test
