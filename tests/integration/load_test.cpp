// Many clients at once: everyone gets what is right. Times are printed, never judged.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

using Load = DaemonTest;

constexpr std::size_t kLargestValue = 768 * 1024;

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

#ifndef TACIT_SANITIZER
long peak_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  }
  return -1;
}
#endif

// Four processes with 60 connections ask for 180 MiB and read none of it.
TEST_F(Load, RepliesThatNobodyTakesStayFew) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("large", std::string(kLargestValue, 'v'))));
  ASSERT_TRUE(succeeded(client_->set("small", "v")));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("large", &value)));
#ifndef TACIT_SANITIZER
  const long before = peak_kib(daemon_->pid());
#endif
  pb::GetRequest request;
  request.mutable_item()->set_name("large");
  std::vector<std::unique_ptr<ChildProcess>> greedy;
  for (int i = 0; i < 4; ++i) {
    greedy.push_back(std::make_unique<ChildProcess>(
        std::vector<std::string>{TACIT_TEST_PEER, "unread", home_.socket(), "/tacit.v1.Secrets/Get",
                                 to_hex(request.SerializeAsString()), "60"},
        std::map<std::string, std::string>{}));
  }
  for (const auto& process : greedy) {
    while (process->output().find("asked") == std::string::npos) {
      ASSERT_TRUE(process->running()) << process->output();
      ASSERT_TRUE(succeeded(client_->get("small", &value)));
    }
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(succeeded(client_->get("small", &value)));
    EXPECT_EQ(value, "v");
  }
#ifndef TACIT_SANITIZER
  const long grown = (peak_kib(daemon_->pid()) - before) / 1024;
  std::printf("240 connections that read nothing: %ld MiB more\n", grown);
  EXPECT_LT(grown, 100);
#endif
}

// Replies of streams that wait for their reader are no flood.
TEST_F(Load, WhoReadsItsStreamsOneAfterAnotherGetsAllOfThem) {
  start_unlocked();
  const std::string large = random_bytes(kLargestValue);
  ASSERT_TRUE(succeeded(client_->set("large", large)));
  pb::GetBatchRequest request;
  for (int i = 0; i < 8; ++i) request.add_items()->mutable_item()->set_name("large");
  std::vector<std::unique_ptr<StockClient>> clients;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<pb::GetBatchReply>>> readers;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(connect());
    contexts.push_back(context());
    readers.push_back(clients.back()->secrets().GetBatch(contexts.back().get(), request));
  }
  for (const auto& reader : readers) {
    int got = 0;
    for (pb::GetBatchReply reply; reader->Read(&reply); ++got) {
      EXPECT_TRUE(reply.item().value() == large);
    }
    EXPECT_EQ(got, 8);
    EXPECT_TRUE(reader->Finish().ok());
  }
}

}  // namespace
}  // namespace tacit::test
