// Who may hold a connection, how many, and what becomes of the rest.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/raw_connection.h"

namespace tacit::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{30};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Connections : public DaemonTest {
 protected:
  void start_with_item(const DaemonOptions& options = {}) {
    start_unlocked(options);
    ASSERT_TRUE(succeeded(client_->set("name", "value")));
  }
  static DaemonOptions descriptors(int limit) {
    const std::string number = std::to_string(limit);
    DaemonOptions options;
    options.launcher = {"/usr/bin/prlimit", "--nofile=" + number + ":" + number};
    return options;
  }
  void serves(StockClient& client) {
    std::string value;
    ASSERT_TRUE(succeeded(client.get("name", &value)));
    ASSERT_EQ(value, "value");
  }
};

TEST_F(Connections, ASilentOneIsClosed) {
  start_with_item();
  const auto begin = Clock::now();
  RawConnection silent(home_.socket());
  EXPECT_TRUE(silent.closed_within(kPatience));
  EXPECT_GE(ms_since(begin), 1500) << "it gets about two seconds for a first call";
  serves(*client_);
}

TEST_F(Connections, OneThatSpeaksNonsenseIsClosedAndOthersAreServed) {
  start_with_item();
  for (const std::string& nonsense :
       {std::string("GET / HTTP/1.1\r\n\r\n"), random_bytes(2000), std::string(5000, '\0'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + random_bytes(500),
        grpc_call("/tacit.v1.Secrets/Get", random_bytes(100)).substr(0, 90)}) {
    RawConnection connection(home_.socket());
    connection.send(nonsense);
    EXPECT_TRUE(connection.closed_within(kPatience));
  }
  serves(*client_);
}

TEST_F(Connections, AnIdleOneIsClosedButNotOneWithAnOpenStream) {
  configure("[limits]\nidle_connection = \"1s\"\n");
  start_with_item();
  const auto watching = connect();
  const auto ctx = context();
  const auto watch = watching->secrets().Watch(ctx.get(), {});
  pb::WatchReply reply;
  ASSERT_TRUE(watch->Read(&reply));
  RawConnection idle(home_.socket());
  ASSERT_TRUE(idle.send(grpc_call("/tacit.v1.Session/Status", "")));
  ASSERT_TRUE(idle.answered_within(kPatience));
  EXPECT_TRUE(idle.closed_within(kPatience));
  const auto writer = connect();
  ASSERT_TRUE(succeeded(writer->set("other", "v")));
  EXPECT_TRUE(watch->Read(&reply));
  EXPECT_EQ(reply.item().name(), "other");
  ctx->TryCancel();
}

TEST_F(Connections, WhenFullTheOldestSilentOneMakesRoom) {
  configure("[limits]\nmax_connections = 16\nmax_connections_per_process = 16\n");
  DaemonOptions patient;  // it is not the end of their patience that makes the silent ones go
  patient.arguments = {"--limit", "first_call=60000"};
  start_with_item(patient);
  const auto watching = connect();
  const auto ctx = context();
  const auto watch = watching->secrets().Watch(ctx.get(), {});
  pb::WatchReply reply;
  ASSERT_TRUE(watch->Read(&reply));
  ChildProcess silent({TACIT_TEST_PEER, "silent", home_.socket(), "14"}, {});
  while (silent.output().find("connected") == std::string::npos) {
    ASSERT_TRUE(silent.running()) << silent.output();
    serves(*client_);
  }
  std::vector<std::unique_ptr<StockClient>> newcomers;
  for (int i = 0; i < 8; ++i) {
    newcomers.push_back(connect());
    serves(*newcomers.back());
  }
  serves(*client_);
  ASSERT_TRUE(succeeded(client_->set("other", "v")));
  EXPECT_TRUE(watch->Read(&reply)) << "an open stream is no idle connection";
  ctx->TryCancel();
}

TEST_F(Connections, SixtyFourSilentOnesOfAnotherProcessDoNotDelayAnHonestClient) {
  start_with_item();
  ChildProcess silent({TACIT_TEST_PEER, "silent", home_.socket(), "64"}, {});
  std::vector<double> times;
  // Also while they connect.
  while (silent.output().find("connected") == std::string::npos || times.size() < 500) {
    ASSERT_TRUE(silent.running()) << silent.output();
    const auto begin = Clock::now();
    serves(*client_);
    times.push_back(ms_since(begin));
    if (times.size() % 50 == 0) serves(*connect());
  }
  std::sort(times.begin(), times.end());
  std::printf("gets beside 64 silent connections: %zu, p50 %.3f ms, p99 %.3f ms\n", times.size(),
              times[times.size() / 2], times[times.size() * 99 / 100]);
}

TEST_F(Connections, OneProcessCannotTakeThemAll) {
  configure("[limits]\nmax_connections = 64\nmax_connections_per_process = 8\n");
  start_with_item();
  std::vector<RawConnection> mine;
  for (int i = 0; i < 40; ++i) mine.emplace_back(home_.socket());
  const Exit other =
      run({TACIT_TEST_PEER, "call", home_.socket(), "/tacit.v1.Session/Status", ""}, {});
  EXPECT_EQ(other.code, 0) << other.errors;
  mine.clear();
  serves(*connect());
}

TEST_F(Connections, AThousandInARowAreNeverRefused) {
  start_with_item();
  std::vector<double> times;
  for (int i = 0; i < 1000; ++i) {
    const auto begin = Clock::now();
    const auto own = connect();
    serves(*own);
    times.push_back(ms_since(begin));
  }
  std::sort(times.begin(), times.end());
  std::printf("1000 connections with one get each: p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n",
              times[500], times[990], times.back());
  EXPECT_LT(times.back(), 10'000) << "a limit or a back-off held an honest script up";
}

TEST_F(Connections, DescriptorNumbersWrapThreeTimesUnderLoad) {
  constexpr int kLimit = 128;
  start_with_item(descriptors(kLimit));
  constexpr int kThreads = 4;
  constexpr int kEach = kLimit;  // 512 connections: four times round
  std::vector<std::thread> threads;
  std::atomic<int> served{0};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const std::string name = "mine" + std::to_string(thread);
      for (int i = 0; i < kEach; ++i) {
        const auto own = connect();
        const std::string value = name + " " + std::to_string(i);
        const Outcome stored = own->set(name, value);
        EXPECT_TRUE(succeeded(stored)) << "connection " << i;
        std::string got;
        const Outcome read = own->get(name, &got);
        EXPECT_TRUE(succeeded(read)) << "connection " << i;
        EXPECT_EQ(got, value);
        if (!stored.ok() || !read.ok()) return;
        ++served;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(served, kThreads * kEach);
  serves(*client_);
}

TEST_F(Connections, ItServesAgainAfterADescriptorFlood) {
  configure("[limits]\nmax_connections = 65536\nmax_connections_per_process = 65536\n");
  start_with_item(descriptors(256));
  {
    std::vector<RawConnection> flood;
    for (int i = 0; i < 3000; ++i) flood.emplace_back(home_.socket());
    EXPECT_TRUE(daemon_->running());
  }
  const auto begin = Clock::now();
  serves(*connect());
  std::printf("served %.1f ms after 3000 connections were let go\n", ms_since(begin));
  ASSERT_TRUE(succeeded(connect()->set("name", "value")));
}

TEST_F(Connections, TenThousandThatComeAndGoLeaveNothingBehind) {
  start_with_item();
  for (int i = 0; i < 10'000; ++i) RawConnection(home_.socket()).close();
  std::optional<std::size_t> open;
  const auto end = Clock::now() + kPatience;
  do {
    serves(*client_);
    open = daemon_->descriptors();
  } while (open > 100u && Clock::now() < end);
  EXPECT_LE(open.value_or(0), 100u);
}

TEST_F(Connections, ADeadPeersCallNeverGetsAnotherPeersIdentity) {
  // `Lock` tells in its event who asked; this process never asks for it, but takes over the
  // descriptor numbers of those that do and die at once.
  start_with_item(descriptors(128));
  const auto ctx = context(std::chrono::minutes(3));
  const auto events = client_->session().Watch(ctx.get(), {});
  pb::SessionEvent event;
  ASSERT_TRUE(events->Read(&event));
  const std::string own_pid = "pid " + std::to_string(getpid()) + ")";
  std::atomic<int> locks{0};
  std::atomic<int> mistaken{0};
  std::thread reader([&] {
    pb::SessionEvent seen;
    while (events->Read(&seen)) {
      if (seen.state() != pb::VAULT_STATE_LOCKED) continue;
      ++locks;
      if (seen.cause().find(own_pid) != std::string::npos) ++mistaken;
    }
  });
  for (int round = 0; round < 100; ++round) {
    const Exit dropped =
        run({TACIT_TEST_PEER, "drop", home_.socket(), "/tacit.v1.Session/Lock", ""}, {});
    ASSERT_EQ(dropped.code, 0) << dropped.errors;
    const auto next = connect();
    pb::UnlockReply reply;
    ASSERT_TRUE(succeeded(next->unlock(key_file(key_), &reply)));
  }
  // One that stays is served: the calls above were good ones.
  const Exit served =
      run({TACIT_TEST_PEER, "call", home_.socket(), "/tacit.v1.Session/Lock", ""}, {});
  EXPECT_EQ(served.code, 0) << served.errors;
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
  ctx->TryCancel();
  reader.join();
  EXPECT_EQ(mistaken, 0);
  std::printf("of 100 calls whose asker died at once, %d were carried out\n", locks.load() - 1);
}

}  // namespace
}  // namespace tacit::test
