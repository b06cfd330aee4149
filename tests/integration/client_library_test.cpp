// libtacit against the real daemon: every call of tacit/client.h once, and what a program that
// uses it goes through: a restart, a fork, a lock.
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tacit/client.h"
#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

class ClientLibrary : public DaemonTest {
 protected:
  void SetUp() override { start_unlocked(); }
  Client library() const {
    ClientOptions options;
    options.socket_path = home_.socket();
    options.autostart = false;
    options.deadline = std::chrono::seconds(30);
    return Client(options);
  }
  Credential right() const { return {Credential::Kind::kKeyFile, SecretBytes::copy_of(key_)}; }
  static std::string text(const SecretBytes& secret) {
    return {secret.bytes().begin(), secret.bytes().end()};
  }
};

template <class T>
testing::AssertionResult succeeded(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << reason_name(result.error().code) << ": " << result.error().message;
}
template <class T>
Reason reason(const Result<T>& result) {
  return result ? Reason::kUnspecified : result.error().code;
}

TEST_F(ClientLibrary, SessionCalls) {
  Client client = library();
  const auto status = client.status();
  ASSERT_TRUE(succeeded(status));
  EXPECT_EQ(status->state, VaultState::kUnlocked);
  EXPECT_EQ(status->pid, daemon_->pid());
  EXPECT_EQ(status->socket_path, home_.socket());
  EXPECT_EQ(status->slot_kinds, std::vector<SlotKind>{SlotKind::kKeyFile});
  const auto locked = client.lock();
  ASSERT_TRUE(succeeded(locked));
  EXPECT_TRUE(*locked);
  EXPECT_EQ(reason(client.get("default", "name")), Reason::kLocked);
  EXPECT_EQ(
      reason(client.unlock({Credential::Kind::kKeyFile, SecretBytes::copy_of(random_bytes(32))})),
      Reason::kWrongCredential);
  const auto opened = client.unlock(right());
  ASSERT_TRUE(succeeded(opened));
  EXPECT_FALSE(opened->already_unlocked);
  const Credential one = right();
  EXPECT_EQ(reason(client.create({&one, 1}, false)), Reason::kVaultExists);
}

TEST_F(ClientLibrary, ItemCalls) {
  Client client = library();
  std::string every_byte(256, '\0');
  for (std::size_t i = 0; i < 256; ++i) every_byte[i] = static_cast<char>(i);
  SetOptions options;
  options.attributes = Attributes{{"user", "me"}};
  options.content_type = "text/plain";
  const auto version = client.set("work", "a/b", SecretBytes::copy_of(every_byte), options);
  ASSERT_TRUE(succeeded(version));
  EXPECT_EQ(*version, 1u);
  const auto item = client.get("work", "a/b");
  ASSERT_TRUE(succeeded(item));
  EXPECT_EQ(text(item->value), every_byte);
  EXPECT_EQ(item->metadata.attributes, *options.attributes);
  EXPECT_EQ(item->metadata.content_type, "text/plain");
  const auto described = client.describe("work", "a/b");
  ASSERT_TRUE(succeeded(described));
  EXPECT_EQ(described->value_size, 256u);

  SetOptions more;
  more.expires = 1;
  ASSERT_TRUE(succeeded(client.set_metadata("work", "a/b", more)));
  EXPECT_EQ(reason(client.get("work", "a/b")), Reason::kExpired);
  more.expires = 0;
  ASSERT_TRUE(succeeded(client.set_metadata("work", "a/b", more)));
  EXPECT_EQ(reason(client.get("work", "absent")), Reason::kNotFound);
  EXPECT_EQ(reason(client.get("work", "")), Reason::kInvalidArgument);
  EXPECT_EQ(reason(client.set("work", "large", SecretBytes(768 * 1024 + 1))),
            Reason::kValueTooLarge);
  const std::string largest = random_bytes(768 * 1024);
  ASSERT_TRUE(succeeded(client.set("work", "large", SecretBytes::copy_of(largest))));
  const auto large = client.get("work", "large");
  ASSERT_TRUE(succeeded(large));
  EXPECT_TRUE(text(large->value) == largest);

  const auto listed = client.list("work");
  ASSERT_TRUE(succeeded(listed));
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].name, "a/b");
  const auto found = client.search({{"user", "me"}});
  ASSERT_TRUE(succeeded(found));
  EXPECT_EQ(found->size(), 1u);
  const auto collections = client.collections();
  ASSERT_TRUE(succeeded(collections));
  ASSERT_EQ(collections->size(), 1u);
  EXPECT_EQ((*collections)[0].item_count, 2u);

  ASSERT_TRUE(succeeded(client.rename("work", "a/b", "home", "c")));
  const auto versions = client.history("home", "c");
  ASSERT_TRUE(succeeded(versions));
  EXPECT_EQ(versions->size(), 3u);
  ASSERT_TRUE(succeeded(client.remove("home", "c")));
  const auto restored = client.restore("home", "c", 1);
  ASSERT_TRUE(succeeded(restored));
  EXPECT_EQ(*restored, 5u);
  EXPECT_EQ(reason(client.remove("home", "c", false, 4)), Reason::kVersionMismatch);
}

TEST_F(ClientLibrary, AdminCalls) {
  Client client = library();
  ASSERT_TRUE(succeeded(client.set("default", "name", SecretBytes::copy_of("value"))));
  const auto made = client.add_slot(right(), nullptr);
  ASSERT_TRUE(succeeded(made));
  EXPECT_FALSE(made->recovery_key.empty());
  ASSERT_TRUE(succeeded(client.confirm_recovery_key()));
  const auto slots = client.slots();
  ASSERT_TRUE(succeeded(slots));
  EXPECT_EQ(slots->size(), 2u);
  ASSERT_TRUE(succeeded(client.remove_slot(right(), made->index)));
  EXPECT_EQ(reason(client.remove_slot(right(), 0)), Reason::kLastSlot);
  std::uint64_t rows = 0;
  ASSERT_TRUE(succeeded(client.verify([&](const VerifyProgress& progress) {
    rows = progress.rows_done;
    EXPECT_EQ(progress.finding, Reason::kUnspecified);
  })));
  EXPECT_GT(rows, 0u);
  std::uint64_t copied = 0, told = 0;
  ASSERT_TRUE(
      succeeded(client.backup([&](std::span<const unsigned char> chunk, std::uint64_t total) {
        copied += chunk.size();
        if (total != 0) told = total;
        return true;
      })));
  EXPECT_GT(copied, 0u);
  EXPECT_EQ(copied, told);
  std::uint64_t rotated = 0;
  ASSERT_TRUE(succeeded(client.rotate(right(), [&](std::uint64_t done, std::uint64_t total) {
    rotated = done;
    EXPECT_LE(done, total);
  })));
  EXPECT_EQ(rotated, 1u);
  EXPECT_TRUE(succeeded(client.get("default", "name")));
}

TEST_F(ClientLibrary, AWatchEndsAtLock) {
  std::promise<void> ready;
  std::vector<std::string> seen;
  auto watching = std::async(std::launch::async, [&] {
    Client client = library();
    return client.watch({}, {}, [&](const Change& change) {
      if (change.kind == ChangeKind::kReady) ready.set_value();
      if (change.kind == ChangeKind::kSet) seen.push_back(change.name);
      return true;
    });
  });
  ready.get_future().wait();
  Client client = library();
  ASSERT_TRUE(succeeded(client.set("default", "name", SecretBytes::copy_of("value"))));
  ASSERT_TRUE(succeeded(client.lock()));
  EXPECT_EQ(reason(watching.get()), Reason::kLocked);
  EXPECT_EQ(seen, std::vector<std::string>{"name"});
}

TEST_F(ClientLibrary, ARestartOfTheDaemonIsNotNoticed) {
  Client client = library();
  ASSERT_TRUE(succeeded(client.set("default", "name", SecretBytes::copy_of("value"))));
  restart();
  EXPECT_EQ(reason(client.get("default", "name")), Reason::kLocked);
  ASSERT_TRUE(succeeded(client.unlock(right())));
  EXPECT_TRUE(succeeded(client.get("default", "name")));
  client_.reset();
  daemon_->kill_hard();
  EXPECT_EQ(reason(client.get("default", "name")), Reason::kNoDaemon);
}

}  // namespace
}  // namespace tacit::test
