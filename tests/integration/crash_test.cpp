// kill -9 under writes: what was acknowledged is there, what was not is wholly there or absent.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

constexpr int kWriters = 4;
constexpr int kNames = 6;

/// The last write of one name that was acknowledged, and one that was under way at the kill.
struct Written {
  std::string acknowledged;
  std::string attempted;
  bool removed = false;
  bool attempted_removal = false;
};

using Crash = DaemonTest;

TEST_F(Crash, AcknowledgedWritesSurviveKills) {
  const int kills = std::getenv("TACIT_TEST_LONG") != nullptr ? 3000 : 50;
  std::mt19937 random(20'260'101);  // a fixed seed: the numbers below are the same each time
  std::map<std::string, Written> all;
  start_unlocked();
  std::uint64_t acknowledged_in_all = 0;
  for (int round = 0; round < kills; ++round) {
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
        all[name] = {is_there ? value : "", "", !is_there, false};
      }
    }
  }
  std::printf("%d kills, %lu acknowledged writes, none lost\n", kills,
              static_cast<unsigned long>(acknowledged_in_all));
}

/// Tells of files that come to be in a folder.
class Arrivals {
 public:
  explicit Arrivals(const fs::path& folder) : fd_(inotify_init1(IN_CLOEXEC)) {
    EXPECT_GE(inotify_add_watch(fd_, folder.c_str(), IN_CREATE), 0) << folder;
  }
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;
  ~Arrivals() { close(fd_); }
  bool wait() const {
    pollfd entry{fd_, POLLIN, 0};
    return poll(&entry, 1, 60'000) == 1;
  }

 private:
  int fd_;
};

TEST_F(Crash, AnUnfinishedBackupGoesAtTheNextStart) {
  DaemonOptions options;
  options.arguments = {"--limit", "slice=500"};
  start_unlocked(options);
  const std::string large = random_bytes(700'000);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(succeeded(client_->set("large" + std::to_string(i), large)));
  }
  const auto backups = [this] {
    std::vector<std::string> found;
    for (const auto& file : fs::directory_iterator(home_.vault_dir())) {
      const std::string name = file.path().filename();
      if (name.rfind("backup-", 0) == 0) found.push_back(name);
    }
    return found;
  };
  // A copy of so much is made in many slices, but a busy machine may let it be whole before the
  // kill; then once more.
  for (int round = 0; round < 20 && backups().empty(); ++round) {
    if (round > 0) {
      start(options);
      ASSERT_TRUE(succeeded(unlock()));
    }
    const auto ctx = context();
    {
      const Arrivals arrivals(home_.vault_dir());
      const auto reader = client_->admin().Backup(ctx.get(), {});
      ASSERT_TRUE(arrivals.wait());
      daemon_->kill_hard();
      ctx->TryCancel();
      reader->Finish();
    }
    client_.reset();
  }
  ASSERT_FALSE(backups().empty()) << "no kill came before a backup was whole";
  start(options);
  EXPECT_TRUE(backups().empty()) << backups().front();
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("large59", &value)));
  EXPECT_TRUE(value == large);
  std::vector<pb::BackupReply> replies;
  EXPECT_TRUE(succeeded(
      client_->read_all(client_->admin(), &pb::Admin::Stub::Backup, pb::BackupRequest{}, replies)));
  EXPECT_TRUE(backups().empty());
}

}  // namespace
}  // namespace tacit::test
