// What a killed daemon leaves behind goes with the next one. Kills under load: tests/reliability.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

using Crash = DaemonTest;

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
