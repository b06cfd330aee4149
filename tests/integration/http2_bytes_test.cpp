// HTTP/2 that is right but for some frames or bytes, thrown at the real daemon's socket: whatever
// comes, the daemon stays up, lets go of the connection, and serves an honest client.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kSeed = 20;

class Http2Bytes : public DaemonTest {
 protected:
  void serves(StockClient& client) {
    std::string value;
    ASSERT_TRUE(succeeded(client.get("name", &value))) << daemon_->log();
    ASSERT_EQ(value, "value");
  }
};

TEST_F(Http2Bytes, WhateverIsThrownTheDaemonStaysUpAndServes) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const std::optional<std::size_t> at_first = daemon_->descriptors();
  // In processes of their own: what one sends without an answer is counted against it.
  const int processes = std::getenv("TACIT_TEST_LONG") != nullptr ? 2'000 : 30;
  for (int i = 0; i < processes; ++i) {
    const std::string seed = std::to_string(kSeed + i);
    SCOPED_TRACE("seed " + seed);
    const Exit thrown = run({TACIT_TEST_PEER, "throw", home_.socket(), seed, "50"}, {});
    ASSERT_EQ(thrown.code, 0) << thrown.errors << daemon_->log();
    ASSERT_NO_FATAL_FAILURE(serves(*client_));
    ASSERT_NO_FATAL_FAILURE(serves(*connect()));
  }
  EXPECT_TRUE(daemon_->running());
  pb::GetRequest thrown;
  thrown.mutable_item()->set_collection("thrown");
  thrown.mutable_item()->set_name("name");
  pb::GetReply reply;
  ASSERT_TRUE(succeeded(client_->call(client_->secrets(), &pb::Secrets::Stub::Get, thrown, reply)));
  EXPECT_GT(reply.metadata().version(), 20u) << "too few got as far as a call";
  ASSERT_TRUE(succeeded(client_->set("after", "all")));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto kept = [&] { return at_first && daemon_->descriptors() > *at_first + 3; };
  while (kept() && std::chrono::steady_clock::now() < end) serves(*client_);
  EXPECT_FALSE(kept()) << "connections that are over are kept";
}

}  // namespace
}  // namespace tacit::test
