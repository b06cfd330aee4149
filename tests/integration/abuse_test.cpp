// Clients that misbehave without end, beside an honest one: it is served in time, the daemon does
// not grow, and lets go of all when they are gone.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/integration/harness/daemon_test.h"
#include "tests/integration/harness/read_times.h"

namespace tacit::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{30};

class Abuse : public DaemonTest, public testing::WithParamInterface<const char*> {
 protected:
  long peak_mib() const {
    std::ifstream status("/proc/" + std::to_string(daemon_->pid()) + "/status");
    for (std::string word; status >> word;) {
      long kib = 0;
      if (word == "VmHWM:" && status >> kib) return kib / 1024;
    }
    return -1;
  }
  ReadTimes read_for(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    return read_while(*client_, "name", "value",
                      [&](std::size_t gets) { return gets < 200 || Clock::now() < end; });
  }
};

TEST_P(Abuse, AnHonestClientIsServedInTime) {
  if (std::string_view(GetParam()) == "windows" && std::getenv("TACIT_TEST_LONG") == nullptr) {
    GTEST_SKIP() << "window updates are not bounded on an overfull machine: daemon/DECISIONS.md";
  }
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  const ReadTimes alone = read_for(std::chrono::milliseconds(500));
  const std::optional<std::size_t> descriptors_before = daemon_->descriptors();
  const long before = peak_mib();
  ReadTimes beside;
  {
    ChildProcess flood({TACIT_TEST_PEER, "flood", home_.socket(), GetParam()}, {});
    const auto end = Clock::now() + kPatience;
    while (flood.output().find("begun") == std::string::npos && Clock::now() < end) {
      ASSERT_TRUE(flood.running()) << flood.output();
      ASSERT_TRUE(succeeded(client_->get("name")));
    }
    beside = read_for(std::chrono::seconds(2));
    EXPECT_TRUE(flood.running()) << flood.output();
    // Who comes now is let in as well.
    ASSERT_TRUE(succeeded(connect()->get("name")));
  }
  const long grown = peak_mib() - before;
  std::printf(
      "beside %s: %zu gets, p50 %.3f ms, p99 %.3f ms, longest %.3f ms (alone %.3f, %.3f); "
      "%ld MiB more\n",
      GetParam(), beside.gets, beside.p50, beside.p99, beside.longest, alone.p50, alone.p99, grown);
  EXPECT_TRUE(stays_responsive(beside, alone));
#ifndef TACIT_SANITIZER
  EXPECT_LT(grown, 150);
#endif
  const auto end = Clock::now() + std::chrono::seconds(5);
  const auto kept = [&] {
    return descriptors_before && daemon_->descriptors() > *descriptors_before + 3;
  };
  while (kept() && Clock::now() < end) {
    // What is over is let go of when somebody comes.
    ASSERT_TRUE(succeeded(connect()->get("name")));
  }
  EXPECT_FALSE(kept()) << "connections that are over are kept";
  EXPECT_TRUE(stays_responsive(read_for(std::chrono::milliseconds(500)), alone));
}

INSTANTIATE_TEST_SUITE_P(Of, Abuse,
                         testing::Values("storm", "resets", "calls", "streams", "answers", "pings",
                                         "settings", "headers", "bomb", "windows", "drip",
                                         "bodies"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace tacit::test
