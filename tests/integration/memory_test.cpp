// After a lock no secret is left in the daemon's memory, whatever became of the calls that bore
// it; and the same search does find them in a daemon built without the wiping.
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/memory_scan.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

constexpr int kCycles = 200;

class Memory : public DaemonTest {
 protected:
  void SetUp() override {
#ifdef TACIT_SANITIZER
    GTEST_SKIP() << "the sanitizer's allocator keeps what is freed";
#endif
    if (geteuid() != 0) GTEST_SKIP() << "reading another process's memory takes root";
    for (const std::size_t size : {9, 15, 24, 64, 270, 4096, 500'000}) {
      secrets_["secret of " + std::to_string(size)] = random_bytes(size);
    }
    name_ = random_text(24);
    for (const auto& [label, secret] : secrets_) scan_.look_for(label, secret);
    scan_.look_for("name", name_);
    scan_.look_for("collection", collection_);
    scan_.look_for("attribute", attribute_);
    scan_.look_for("passphrase", passphrase_);
    scan_.look_for("wrong passphrase", wrong_passphrase_);
    scan_.look_for("key file", key_);
  }

  void use_and_lock(const DaemonOptions& options) {
    start(options);
    pb::CreateRequest create;
    *create.add_credentials() = passphrase(passphrase_);
    *create.add_credentials() = key_file(key_);
    pb::CreateReply created;
    create.set_with_recovery_key(true);
    ASSERT_TRUE(succeeded(client_->create(create, &created)));
    scan_.look_for("recovery key", created.recovery_key());
    ASSERT_TRUE(succeeded(client_->lock()));
    EXPECT_TRUE(failed_with(client_->unlock(passphrase(wrong_passphrase_)), "WRONG_CREDENTIAL"));
    ASSERT_TRUE(succeeded(client_->unlock(passphrase(passphrase_))));

    const auto watch_context = context(std::chrono::minutes(3));
    const auto watching = connect();
    const auto watch = watching->secrets().Watch(watch_context.get(), {});
    for (int cycle = 0; cycle < kCycles; ++cycle) {
      for (const auto& [label, secret] : secrets_) {
        // The great one less often: it is copied no differently the 200th time.
        if (secret.size() > 100'000 && cycle % 10 != 0) continue;
        write_and_read(label, secret);
        if (cycle % 4 == 0) fail_with(secret);
        if (cycle % 4 == 1) cancel_with(secret, cycle);
        if (cycle % 4 == 2 && secret.size() < 10'000) die_with(secret, cycle);
      }
    }
    read_as_many();
    ASSERT_TRUE(succeeded(client_->lock()));
    EXPECT_TRUE(failed_with(client_->get(name_), "LOCKED"));
  }

 private:
  pb::SetRequest request_for(const std::string& label, const std::string& secret) const {
    pb::SetRequest request;
    request.mutable_item()->set_collection(collection_);
    request.mutable_item()->set_name(name_ + label);
    request.set_value(secret);
    auto& attribute = *request.mutable_attributes()->add_attributes();
    attribute.set_key("user");
    attribute.set_value(attribute_);
    return request;
  }
  void write_and_read(const std::string& label, const std::string& secret) {
    ASSERT_TRUE(succeeded(
        client_->call(client_->secrets(), &pb::Secrets::Stub::Set, request_for(label, secret))));
    pb::GetRequest get;
    *get.mutable_item() = request_for(label, secret).item();
    pb::GetReply reply;
    ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Get, get, reply)));
    ASSERT_TRUE(reply.value() == secret);
  }
  /// Calls that are refused after they brought the secret along.
  void fail_with(const std::string& secret) {
    pb::SetRequest request = request_for("refused", secret);
    request.set_expected_version(12'345);
    EXPECT_FALSE(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, request).ok());
    request.clear_expected_version();
    request.mutable_item()->set_name("");
    EXPECT_FALSE(client_->call(client_->secrets(), &pb::Secrets::Stub::Set, request).ok());
    EXPECT_FALSE(client_->call_bytes("/tacit.v1.Secrets/Set", "\xff\xff" + secret).ok());
    EXPECT_FALSE(client_->call_bytes("/tacit.v1.Secrets/Nonsense", secret).ok());
    pb::GetRequest get;
    get.mutable_item()->set_name(name_ + "absent");
    EXPECT_FALSE(client_->call(client_->secrets(), &pb::Secrets::Stub::Get, get).ok());
  }
  /// Calls given up by the client at some moment of theirs.
  void cancel_with(const std::string& secret, int cycle) {
    const auto own = connect();
    const auto ctx = context(std::chrono::milliseconds(1 + cycle / 20));
    pb::SetReply reply;
    own->secrets().Set(ctx.get(), request_for("cancelled", secret), &reply);
    const auto stream_context = context();
    pb::GetBatchRequest batch;
    for (int i = 0; i < 20; ++i) {
      *batch.add_items()->mutable_item() = request_for("secret of 4096", "").item();
    }
    const auto stream = own->secrets().GetBatch(stream_context.get(), batch);
    pb::GetBatchReply first;
    stream->Read(&first);
    stream_context->TryCancel();
  }
  /// A connection that ends in the middle of a message.
  void die_with(const std::string& secret, int cycle) {
    RawConnection connection(home_.socket());
    const std::string bytes =
        grpc_call("/tacit.v1.Secrets/Set", request_for("dying", secret).SerializeAsString());
    connection.send(bytes.substr(0, bytes.size() - static_cast<std::size_t>(cycle % 3)));
  }
  void read_as_many() {
    pb::GetBatchRequest batch;
    for (const auto& [label, secret] : secrets_) {
      *batch.add_items()->mutable_item() = request_for(label, "").item();
    }
    std::vector<pb::GetBatchReply> replies;
    ASSERT_TRUE(succeeded(
        client_->read_all(client_->secrets(), &pb::Secrets::Stub::GetBatch, batch, replies)));
    EXPECT_EQ(replies.size(), secrets_.size());
    std::vector<pb::ListReply> lists;
    ASSERT_TRUE(succeeded(
        client_->read_all(client_->secrets(), &pb::Secrets::Stub::List, pb::ListRequest{}, lists)));
    std::vector<pb::VerifyReply> findings;
    ASSERT_TRUE(succeeded(client_->read_all(client_->admin(), &pb::Admin::Stub::Verify,
                                            pb::VerifyRequest{}, findings)));
  }

 protected:
  MemoryScan scan_;
  std::map<std::string, std::string> secrets_;
  std::string name_;
  const std::string collection_ = random_text(20);
  const std::string attribute_ = random_text(20);
  const std::string passphrase_ = random_text(24);
  const std::string wrong_passphrase_ = random_text(24);
};

std::string listed(const MemoryScan::Found& found) {
  std::string text;
  for (const auto& [label, count] : found.hits) {
    text += label + ": " + std::to_string(count) + "\n";
  }
  for (const auto& place : found.places) text += place + "\n";
  return text;
}

TEST_F(Memory, NothingIsLeftAfterALock) {
  use_and_lock({});
  const auto found = scan_.scan(daemon_->pid());
  std::printf("%zu MiB of the daemon's memory: %zu hits\n", found.bytes_read >> 20, found.total());
  EXPECT_EQ(found.total(), 0u) << listed(found);
}

TEST_F(Memory, TheSearchFindsSecretsInAnUnlockedDaemonsClients) {
  // The tester itself holds them all: the search works on a process that does.
  const auto found = scan_.scan(getpid());
  EXPECT_EQ(found.hits.size(), secrets_.size() + 6);
}

#ifdef TACIT_TEST_DAEMON_NOWIPE
TEST_F(Memory, WithoutTheWipingSecretsAreLeft) {
  DaemonOptions unwiped;
  unwiped.program = TACIT_TEST_DAEMON_NOWIPE;
  use_and_lock(unwiped);
  const auto found = scan_.scan(daemon_->pid());
  std::printf("without wiping: %zu hits\n", found.total());
  EXPECT_GT(found.total(), 0u) << "the control finds nothing: the test proves nothing";
}
#endif

}  // namespace
}  // namespace tacit::test
