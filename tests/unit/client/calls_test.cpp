// Every call of Client against a stock gRPC server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tacit/client.h"
#include "tests/unit/client/scratch.h"
#include "tests/unit/client/stock_server.h"

namespace tacit {
namespace {

using ::testing::HasSubstr;
using testing::kPassphrase;

std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

Credential passphrase(std::string_view words) {
  return {Credential::Kind::kPassphrase, SecretBytes::copy_of(words)};
}

class Calls : public ::testing::Test {
 protected:
  ClientOptions options() const {
    ClientOptions out;
    out.socket_path = scratch_.socket();
    out.autostart = false;
    return out;
  }
  std::uint64_t put(const char* name, std::string_view value, const SetOptions& more = {}) {
    auto version = client_.set("", name, SecretBytes::copy_of(value), more);
    EXPECT_TRUE(version.ok()) << (version.ok() ? "" : version.error().message);
    return version.ok() ? *version : 0;
  }

  testing::Scratch scratch_;
  testing::StockServer server_{scratch_.socket()};
  Client client_{options()};
};

TEST_F(Calls, StatusTellsTheDaemon) {
  const auto status = client_.status();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->state, VaultState::kUnlocked);
  EXPECT_EQ(status->version, "stock");
  EXPECT_EQ(status->pid, ::getpid());
}

TEST_F(Calls, CreateGivesTheRecoveryKey) {
  const Credential credentials[] = {passphrase("one")};
  auto key = client_.create(credentials, true);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(text(*key), "ABCD-EFGH");
  EXPECT_EQ(client_.create({}, false).error().code, Reason::kVaultExists);
}

TEST_F(Calls, UnlockTellsAWrongPassphraseInTheDaemonsWords) {
  const auto wrong = client_.unlock(passphrase("no"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, Reason::kWrongCredential);
  EXPECT_EQ(wrong.error().message, "100 % falsch: pass\u00fcberpr\u00fcft");
  const auto right = client_.unlock(passphrase(kPassphrase));
  ASSERT_TRUE(right.ok());
  EXPECT_TRUE(right->first_use);
  EXPECT_FALSE(right->already_unlocked);
}

TEST_F(Calls, LockTellsWhetherItWasLocked) { EXPECT_FALSE(*client_.lock()); }

TEST_F(Calls, WatchSessionUntilFalse) {
  std::vector<std::string> causes;
  const auto done = client_.watch_session([&](const SessionChange& change) {
    causes.push_back(change.cause);
    return change.state != VaultState::kLocked;
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(causes, (std::vector<std::string>{"", "idle time-out"}));
}

TEST_F(Calls, GetReturnsWhatSetStored) {
  SetOptions more;
  more.attributes = Attributes{{"username", "me"}, {"url", "https://example.org"}};
  more.content_type = "text/plain";
  more.expires = 1'900'000'000'000;
  EXPECT_EQ(put("token", std::string_view("a\0b\nc", 5), more), 1u);
  const auto item = client_.get("default", "token");
  ASSERT_TRUE(item.ok());
  EXPECT_EQ(text(item->value), std::string("a\0b\nc", 5));
  EXPECT_EQ(item->metadata.collection, "default");
  EXPECT_EQ(item->metadata.name, "token");
  EXPECT_EQ(item->metadata.version, 1u);
  EXPECT_EQ(item->metadata.attributes, *more.attributes);
  EXPECT_EQ(item->metadata.content_type, "text/plain");
  EXPECT_EQ(item->metadata.expires, 1'900'000'000'000);
  EXPECT_EQ(item->metadata.policy, Policy::kConfirm);
  EXPECT_EQ(item->metadata.value_size, 5u);
}

TEST_F(Calls, GetOrAskGivesWhatIsThereOrWasTyped) {
  AskOptions options;
  options.prompt = "Token:";
  options.attributes = Attributes{{"k", "v"}};
  options.terminal = false;
  const auto typed = client_.get_or_ask("c", "n", options);
  ASSERT_TRUE(typed.ok()) << typed.error().message;
  EXPECT_EQ(text(typed->value), "typed");
  EXPECT_EQ(typed->metadata.attributes, *options.attributes);
  EXPECT_THAT(server_.secrets.last_request(), HasSubstr("prompt: \"Token:\""));
  put("there", "stored");
  EXPECT_EQ(text(client_.get_or_ask("default", "there", options)->value), "stored");
  EXPECT_EQ(client_.get_or_ask("", "nobody", options).error().code, Reason::kNoPrompter);
  // Tests run in sessions of their own, without a terminal.
  options.terminal = true;
  const auto nobody = client_.get_or_ask("", "nobody", options);
  EXPECT_EQ(nobody.error().code, Reason::kNoPrompter);
  EXPECT_EQ(client_.get_or_ask("", "", options).error().code, Reason::kInvalidArgument);
  options.prompt = "\xff";
  EXPECT_EQ(client_.get_or_ask("", "n", options).error().code, Reason::kInvalidArgument);
}

TEST_F(Calls, AStopperEndsAStreamAlsoBeforeItBegan) {
  Stopper stopper;
  EXPECT_FALSE(stopper.stopped());
  stopper.stop();
  stopper.stop();
  EXPECT_TRUE(stopper.stopped());
  int events = 0;
  const auto done = client_.prompt(
      nullptr, "test",
      [&](PromptEvent) {
        ++events;
        return true;
      },
      &stopper);
  EXPECT_TRUE(done.ok() || done.error().code == Reason::kUnsupported);
  EXPECT_EQ(events, 0);
}

TEST_F(Calls, AnEmptyValueIsAValue) {
  put("empty", "");
  const auto item = client_.get("", "empty");
  ASSERT_TRUE(item.ok());
  EXPECT_TRUE(item->value.empty());
}

TEST_F(Calls, TheLargestValueGoesBothWaysAndOneByteMoreIsRefused) {
  std::string large(kMaxValueBytes, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);
  for (int i = 0; i < 20; ++i) {  // more than a connection's windows, twice over
    put("large", large);
    const auto item = client_.get("", "large");
    ASSERT_TRUE(item.ok()) << item.error().message;
    ASSERT_EQ(text(item->value), large);
  }
  const auto over = client_.set("", "large", SecretBytes(kMaxValueBytes + 1));
  EXPECT_EQ(over.error().code, Reason::kValueTooLarge);
}

TEST_F(Calls, BadNamesAreRefusedBeforeTheyAreSent) {
  EXPECT_EQ(client_.get("", "").error().code, Reason::kInvalidArgument);
  EXPECT_EQ(client_.get("", "\xff").error().code, Reason::kInvalidArgument);
  EXPECT_EQ(client_.get("", std::string(1025, 'a')).error().code, Reason::kInvalidArgument);
  EXPECT_EQ(client_.get(std::string_view("\0", 1), "a").error().code, Reason::kInvalidArgument);
  SetOptions more;
  more.attributes = Attributes{{"key", "\xc3"}};
  EXPECT_EQ(client_.set("", "a", {}, more).error().code, Reason::kInvalidArgument);
  EXPECT_EQ(client_.set_metadata("", "a", more).error().code, Reason::kInvalidArgument);
  EXPECT_EQ(client_.search(*more.attributes).error().code, Reason::kInvalidArgument);
  more.attributes.reset();
  more.content_type = "\xed\xa0\x80";
  EXPECT_EQ(client_.set("", "a", {}, more).error().code, Reason::kInvalidArgument);
  EXPECT_EQ(server_.secrets.last_request(), "");
}

TEST_F(Calls, WhatIsTooLongIsRefusedBeforeItIsSentWithTheLimit) {
  const auto refused = [](const auto& result, const char* limit) {
    return !result.ok() && result.error().code == Reason::kInvalidArgument &&
           result.error().message.find(limit) != std::string::npos;
  };
  SetOptions more;
  more.attributes = Attributes{{std::string(257, 'k'), "v"}};
  EXPECT_TRUE(refused(client_.set("", "a", {}, more), "256"));
  more.attributes = Attributes{{"k", std::string(1025, 'v')}};
  EXPECT_TRUE(refused(client_.set("", "a", {}, more), "1024"));
  for (int i = 0; i < 65; ++i) (*more.attributes)["k" + std::to_string(i)] = "v";
  more.attributes->erase("k");
  EXPECT_TRUE(refused(client_.set("", "a", {}, more), "64"));
  more.attributes.reset();
  more.content_type = std::string(256, 't');
  EXPECT_TRUE(refused(client_.set("", "a", {}, more), "255"));
  AskOptions ask;
  ask.prompt = std::string(257, 'p');
  EXPECT_TRUE(refused(client_.get_or_ask("", "a", ask), "256"));
  EXPECT_TRUE(refused(client_.unlock({Credential::Kind::kPassphrase, SecretBytes(4097)}), "4096"));
  EXPECT_TRUE(
      refused(client_.unlock({Credential::Kind::kKeyFile, SecretBytes(64 * 1024 + 1)}), "65536"));
  EXPECT_TRUE(refused(
      client_.watch({}, std::vector<std::string>(1001, "n"), [](const Change&) { return true; }),
      "1,000"));
  PolicyChange change;
  change.pinned = std::vector<std::string>(33, "/bin/true");
  EXPECT_TRUE(refused(client_.set_policy({"", "a"}, change), "32"));
  change.pinned = std::vector<std::string>{"/" + std::string(4096, 'p')};
  EXPECT_TRUE(refused(client_.set_policy({"", "a"}, change), "4096"));
  Answer answer;
  answer.value = SecretBytes(kMaxValueBytes + 1);
  EXPECT_EQ(client_.answer(1, answer).error().code, Reason::kValueTooLarge);
  EXPECT_EQ(server_.secrets.last_request(), "");
}

TEST_F(Calls, GetByReference) {
  SetOptions more;
  more.attributes = Attributes{{"username", "me"}};
  put("site", "v1", more);
  put("site", "v2");
  EXPECT_EQ(text(*client_.get(*parse_reference("tacit://default/site"))), "v2");
  EXPECT_EQ(text(*client_.get(*parse_reference("tacit://default/site?version=1"))), "v1");
  EXPECT_EQ(text(*client_.get(*parse_reference("tacit://default/site?attribute=username"))), "me");
  const auto none = client_.get(*parse_reference("tacit://default/site?attribute=nope"));
  EXPECT_EQ(none.error().code, Reason::kNotFound);
}

TEST_F(Calls, GetBatchKeepsOrderAndTellsEachError) {
  put("a", "1");
  put("b", "2");
  const Reference wanted[] = {
      {"default", "b", {}, 0}, {"default", "nope", {}, 0}, {"default", "a", {}, 0}};
  auto all = client_.get_batch(wanted);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ(text(*(*all)[0]), "2");
  EXPECT_EQ((*all)[1].error().code, Reason::kNotFound);
  EXPECT_EQ((*all)[1].error().message, "no item nope");
  EXPECT_EQ(text(*(*all)[2]), "1");
  EXPECT_EQ(client_.get_batch(std::vector<Reference>(1001, wanted[0])).error().code,
            Reason::kInvalidArgument);
  EXPECT_TRUE(client_.get_batch({})->empty());
}

TEST_F(Calls, DescribeHasNoValue) {
  put("a", "12345");
  const auto metadata = client_.describe("", "a");
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->value_size, 5u);
  EXPECT_THAT(server_.secrets.last_request(), HasSubstr("DescribeRequest"));
}

TEST_F(Calls, SetMetadataKeepsTheValue) {
  put("a", "kept");
  SetOptions more;
  more.content_type = "x/y";
  EXPECT_EQ(*client_.set_metadata("", "a", more), 2u);
  EXPECT_EQ(text(client_.get("", "a")->value), "kept");
}

TEST_F(Calls, ExpectedVersion) {
  SetOptions fresh;
  fresh.expected_version = 0;
  EXPECT_EQ(put("a", "1", fresh), 1u);
  EXPECT_EQ(client_.set("", "a", SecretBytes::copy_of("2"), fresh).error().code,
            Reason::kVersionMismatch);
}

TEST_F(Calls, Remove) {
  put("a", "1");
  ASSERT_TRUE(client_.remove("", "a", false, 1).ok());
  EXPECT_THAT(server_.secrets.last_request(), HasSubstr("expected_version: 1"));
  EXPECT_EQ(client_.get("", "a").error().code, Reason::kNotFound);
  EXPECT_EQ(client_.remove("", "b").error().code, Reason::kNotFound);
}

TEST_F(Calls, ListIsSorted) {
  put("b", "1");
  put("a", "1");
  (void)client_.set("work", "0", SecretBytes::copy_of("1"));
  const auto all = client_.list({}, true);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].name, "a");
  EXPECT_EQ((*all)[1].name, "b");
  EXPECT_EQ((*all)[2].collection, "work");
  EXPECT_EQ(client_.list("work")->size(), 1u);
  const auto collections = client_.collections();
  ASSERT_EQ(collections->size(), 2u);
  EXPECT_EQ((*collections)[0].name, "default");
  EXPECT_EQ((*collections)[0].item_count, 2u);
}

TEST_F(Calls, SearchByAttributes) {
  SetOptions more;
  more.attributes = Attributes{{"env", "prod"}, {"team", "a"}};
  put("x", "1", more);
  put("y", "1");
  const auto found = client_.search(Attributes{{"env", "prod"}});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].name, "x");
  EXPECT_TRUE(client_.search(Attributes{{"env", "test"}})->empty());
}

TEST_F(Calls, RenameHistoryRestore) {
  put("old", "1");
  put("old", "2");
  ASSERT_TRUE(client_.rename("", "old", "work", "new", true, 2).ok());
  EXPECT_THAT(server_.secrets.last_request(), HasSubstr("replace: true"));
  const auto versions = client_.history("work", "new");
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_EQ((*versions)[0].version, 2u);
  EXPECT_EQ(*client_.restore("work", "new", 1), 3u);
  EXPECT_EQ(text(client_.get("work", "new")->value), "1");
  EXPECT_EQ(client_.history("", "old").error().code, Reason::kNotFound);
}

TEST_F(Calls, WatchTellsChangesUntilFalseOrTheEnd) {
  std::vector<Change> changes;
  const std::string names[] = {"watched"};
  const auto stopped = client_.watch("default", names, [&](const Change& change) {
    changes.push_back(change);
    return change.version < 2;
  });
  EXPECT_TRUE(stopped.ok());
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].kind, ChangeKind::kReady);
  EXPECT_EQ(changes[2].name, "watched");
  EXPECT_EQ(changes[2].version, 2u);
  const auto locked = client_.watch("locks", {}, [](const Change&) { return true; });
  EXPECT_EQ(locked.error().code, Reason::kLocked);
  EXPECT_TRUE(client_.status().ok());
}

TEST_F(Calls, AnExceptionOfACallbackPassesThrough) {
  EXPECT_THROW((void)client_.watch({}, {}, [](const Change&) -> bool { throw 7; }), int);
  EXPECT_TRUE(client_.status().ok());
}

TEST_F(Calls, Slots) {
  const auto slots = client_.slots();
  ASSERT_EQ(slots->size(), 2u);
  EXPECT_EQ((*slots)[1].kind, SlotKind::kKeyFile);
  const Credential key_file{Credential::Kind::kKeyFile, SecretBytes(37)};
  EXPECT_EQ(client_.add_slot(passphrase(kPassphrase), &key_file)->index, 5u);
  EXPECT_EQ(text(client_.add_slot(passphrase(kPassphrase), nullptr)->recovery_key), "WXYZ");
  EXPECT_EQ(client_.remove_slot(passphrase(kPassphrase), 0).error().code, Reason::kLastSlot);
  EXPECT_TRUE(client_.remove_slot(passphrase(kPassphrase), 1).ok());
  EXPECT_TRUE(
      client_.change_passphrase(passphrase(kPassphrase), 0, SecretBytes::copy_of("new")).ok());
  EXPECT_EQ(
      client_.change_passphrase(passphrase("no"), {}, SecretBytes::copy_of("new")).error().code,
      Reason::kWrongCredential);
  EXPECT_TRUE(client_.confirm_recovery_key().ok());
}

TEST_F(Calls, VerifyBackupRotateAccept) {
  std::vector<VerifyProgress> steps;
  EXPECT_TRUE(client_.verify([&](const VerifyProgress& step) { steps.push_back(step); }).ok());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[2].finding, Reason::kVaultDamaged);
  EXPECT_EQ(steps[2].name, "broken");
  std::string copy;
  EXPECT_TRUE(client_
                  .backup([&](std::span<const unsigned char> chunk, std::uint64_t total) {
                    EXPECT_EQ(total, 4u * 256 * 1024);
                    copy.append(chunk.begin(), chunk.end());
                    return true;
                  })
                  .ok());
  EXPECT_EQ(copy.size(), 4u * 256 * 1024);
  EXPECT_TRUE(client_.backup([](auto, auto) { return false; }).ok());
  std::uint64_t done = 0;
  EXPECT_TRUE(client_.rotate(passphrase(kPassphrase), [&](auto now, auto) { done = now; }).ok());
  EXPECT_EQ(done, 2u);
  EXPECT_TRUE(client_.accept_rollback(passphrase(kPassphrase)).ok());
}

TEST_F(Calls, InteractionIsTold) {
  ClientOptions asking = options();
  asking.interaction = true;
  Client client(asking);
  put("a", "1");
  ASSERT_TRUE(client.get("", "a").ok());
  EXPECT_THAT(server_.secrets.last_request(), HasSubstr("interaction: INTERACTION_ALLOW"));
}

}  // namespace
}  // namespace tacit
