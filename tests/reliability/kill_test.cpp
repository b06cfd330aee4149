// kill -9 of the real daemon while several clients write: what was acknowledged is there, what was
// not is wholly there or absent, and every vault opens.
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"
#include "tests/reliability/options.h"

namespace tacit::test {
namespace {

constexpr int kWriters = 4;
constexpr int kNames = 6;

/// The last write of one name that was acknowledged, and one that was under way at the kill.
struct Written {
  std::string acknowledged;
  std::string attempted;
  bool removed = false;
  bool attempted_removal = false;
};

using Kills = DaemonTest;

TEST_F(Kills, AcknowledgedWritesSurviveThem) {
  const std::uint64_t kills = options().count(200, 50'000);
  std::mt19937_64 random(options().seed);
  std::uint64_t half_done = 0;  ///< not acknowledged and there all the same
  std::map<std::string, Written> all;
  start_unlocked();
  std::uint64_t acknowledged_in_all = 0;
  for (std::uint64_t round = 0; round < kills; ++round) {
    std::mutex mutex;
    std::condition_variable changed;
    int acknowledged = 0;
    const int enough = std::uniform_int_distribution<int>(1, 60)(random);
    std::vector<std::map<std::string, Written>> written(kWriters);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      const auto seed = static_cast<unsigned>(random());
      writers.emplace_back([&, writer, seed] {
        std::mt19937 own(seed);
        const auto client = connect();
        auto& mine = written[static_cast<std::size_t>(writer)];
        for (int i = 0;; ++i) {
          const std::string name =
              "w" + std::to_string(writer) + "-" + std::to_string(own() % kNames);
          const auto before = all.find(name);
          Written& entry = mine.try_emplace(name, before == all.end() ? Written{} : before->second)
                               .first->second;
          const bool removal = own() % 8 == 0 && !entry.acknowledged.empty();
          const std::string value = name + " " + std::to_string(round) + " " + std::to_string(i) +
                                    " " + std::string(own() % 9000, '.');
          entry.attempted = value;
          entry.attempted_removal = removal;
          const Outcome outcome = removal ? client->remove(name) : client->set(name, value);
          if (!outcome.ok()) {
            EXPECT_TRUE(outcome.code == grpc::StatusCode::UNAVAILABLE) << outcome;
            changed.notify_one();
            return;
          }
          entry.acknowledged = removal ? "" : value;
          entry.removed = removal;
          entry.attempted.clear();
          entry.attempted_removal = false;
          const std::lock_guard guard(mutex);
          ++acknowledged;
          changed.notify_one();
        }
      });
    }
    {
      std::unique_lock guard(mutex);
      ASSERT_TRUE(changed.wait_for(guard, std::chrono::seconds(60), [&] {
        return acknowledged >= enough;
      })) << daemon_->log();
    }
    daemon_->kill_hard();
    for (auto& writer : writers) writer.join();
    client_.reset();
    acknowledged_in_all += static_cast<std::uint64_t>(acknowledged);

    start();
    ASSERT_TRUE(succeeded(unlock())) << "round " << round << "\n" << daemon_->log();
    for (auto& mine : written) {
      for (auto& [name, entry] : mine) {
        std::string value;
        const Outcome outcome = client_->get(name, &value);
        const bool is_there = outcome.ok();
        ASSERT_TRUE(is_there || outcome.reason == "NOT_FOUND") << outcome;
        const bool as_acknowledged =
            is_there ? value == entry.acknowledged && !entry.removed : entry.acknowledged.empty();
        const bool as_attempted = entry.attempted_removal ? !is_there
                                                          : is_there && value == entry.attempted &&
                                                                !entry.attempted.empty();
        ASSERT_TRUE(as_acknowledged || as_attempted) << "round " << round << ": " << name;
        half_done += as_acknowledged ? 0 : 1;
        all[name] = {is_there ? value : "", "", !is_there, false};
      }
    }
  }
  std::printf(
      "%lu kills, %lu acknowledged writes, none lost; %lu found done that were not yet "
      "acknowledged; seed %lu\n",
      kills, acknowledged_in_all, half_done, options().seed);
}

}  // namespace
}  // namespace tacit::test
