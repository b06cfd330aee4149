// Many clients at once: everyone gets what is right. Times are printed, never judged.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {

using Load = DaemonTest;

TEST_F(Load, SixtyFourClientsReadAndWriteAtOnce) {
  constexpr int kClients = 60;  // and this test's own, under the limit for one process
  constexpr int kCalls = 50;
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("shared", "value")));
  std::vector<std::vector<double>> times(kClients);
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      const auto own = connect();
      const std::string name = "own" + std::to_string(i);
      for (int call = 0; call < kCalls; ++call) {
        const auto begin = std::chrono::steady_clock::now();
        std::string value;
        if (call % 10 == 0) {
          EXPECT_TRUE(succeeded(own->set(name, std::to_string(call))));
        } else if (call % 2 == 0) {
          EXPECT_TRUE(succeeded(own->get(name, &value)));
          EXPECT_EQ(value, std::to_string(call / 10 * 10));
        } else {
          EXPECT_TRUE(succeeded(own->get("shared", &value)));
          EXPECT_EQ(value, "value");
        }
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        times[static_cast<std::size_t>(i)].push_back(took.count());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  std::printf("%d clients, %zu calls: p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", kClients,
              all.size(), all[all.size() / 2], all[all.size() * 99 / 100], all.back());
}

TEST_F(Load, ACancelledOrAbandonedCallLeavesTheDaemonWhole) {
  start_unlocked();
  const std::string large = random_bytes(700'000);
  ASSERT_TRUE(succeeded(client_->set("large", large)));
  for (int i = 0; i < 200; ++i) {
    const auto own = connect();
    const auto ctx = context(std::chrono::milliseconds(i % 7));
    pb::GetRequest request;
    request.mutable_item()->set_name("large");
    pb::GetReply reply;
    own->secrets().Get(ctx.get(), request, &reply);
    const auto stream_context = context();
    const auto stream = own->secrets().Watch(stream_context.get(), {});
    if (i % 3 == 0) stream_context->TryCancel();
  }
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("large", &value)));
  EXPECT_TRUE(value == large);
}

}  // namespace
}  // namespace tacit::test
