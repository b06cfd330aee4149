// What the disk does to an open vault: read-only, full, changed behind the daemon's back.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

class Disk : public DaemonTest {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_mounts(); needs_mounts() && !why.empty()) {
      GTEST_SKIP() << why;
    }
  }
  virtual bool needs_mounts() const { return true; }
};

TEST_F(Disk, AReadOnlyFileSystemIsReadAndSaysSo) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  const std::string before = read_file(home_.database());
  const std::string data = home_.path() / "data";
  DaemonOptions read_only;
  read_only.launcher =
      with_mounts("mount --bind " + data + " " + data + "; mount -o remount,ro,bind " + data);
  start(read_only);
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "value");
  EXPECT_TRUE(failed_with(client_->set("name", "new"), "READ_ONLY"));
  EXPECT_TRUE(failed_with(client_->remove("name"), "READ_ONLY"));
  pb::StatusReply status;
  ASSERT_TRUE(succeeded(client_->status(status)));
  EXPECT_TRUE(status.read_only());
  EXPECT_EQ(status.problem(), pb::REASON_READ_ONLY);
  ASSERT_TRUE(succeeded(client_->get("name", &value)));
  EXPECT_EQ(value, "value");
  ASSERT_TRUE(succeeded(client_->lock()));
  ASSERT_TRUE(succeeded(unlock()));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  EXPECT_EQ(read_file(home_.database()), before);
  start();
  ASSERT_TRUE(succeeded(unlock()));
  EXPECT_TRUE(succeeded(client_->set("name", "new")));
}

TEST_F(Disk, ACopyOfAKilledDaemonGoesWithTheNext) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("name", "value")));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  const std::string data = home_.path() / "data";
  DaemonOptions read_only;
  read_only.launcher =
      with_mounts("mount --bind " + data + " " + data + "; mount -o remount,ro,bind " + data);
  const auto copies = [this] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(home_.runtime_dir() / "tacit")) {
      if (entry.is_directory()) found.push_back(entry.path());
    }
    return found;
  };
  start(read_only);
  ASSERT_TRUE(succeeded(unlock()));
  const std::vector<fs::path> of_the_first = copies();
  ASSERT_EQ(of_the_first.size(), 1u);
  client_.reset();
  daemon_->kill_hard();
  EXPECT_EQ(copies(), of_the_first);
  start(read_only);
  ASSERT_TRUE(succeeded(unlock()));
  const std::vector<fs::path> of_the_second = copies();
  EXPECT_EQ(of_the_second.size(), 1u);
  EXPECT_NE(of_the_second, of_the_first);
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  EXPECT_TRUE(copies().empty());
}

TEST_F(Disk, AFullDiskLosesNothing) {
  DaemonOptions small;
  small.launcher =
      with_mounts("mount -t tmpfs -o size=6m,mode=700 none " + (home_.path() / "data").string());
  start_unlocked(small);
  std::map<std::string, std::string> stored;
  Outcome outcome;
  int full = 0;
  for (int i = 0; i < 60 && full < 5; ++i) {
    const std::string name = "name" + std::to_string(i % 25);
    const std::string value = random_bytes(i % 3 == 0 ? 10 : 300'000);
    outcome = client_->set(name, value);
    if (outcome.ok()) {
      stored[name] = value;
    } else {
      ASSERT_TRUE(failed_with(outcome, "DISK_FULL"));
      ++full;
    }
  }
  ASSERT_GT(full, 0) << "the disk never filled";
  const auto everything_is_there = [&] {
    for (const auto& [name, value] : stored) {
      std::string got;
      ASSERT_TRUE(succeeded(client_->get(name, &got))) << name;
      EXPECT_TRUE(got == value) << name;
    }
  };
  everything_is_there();
  ASSERT_TRUE(succeeded(client_->lock()));
  ASSERT_TRUE(succeeded(unlock()));
  everything_is_there();
}

class Damage : public Disk {
 protected:
  bool needs_mounts() const override { return false; }
};

TEST_F(Damage, AnOpenVaultThatIsChangedLocksAndServesNothingFalse) {
  start_unlocked();
  std::map<std::string, std::string> stored;
  // More than SQLite keeps in memory, so that most reads go to the file.
  for (int i = 0; i < 400; ++i) {
    const std::string name = "name" + std::to_string(i);
    stored[name] = random_bytes(20'000);
    ASSERT_TRUE(succeeded(client_->set(name, stored[name])));
  }
  for (const auto& entry : fs::directory_iterator(home_.vault_dir())) {
    const std::string extension = entry.path().extension();
    if (extension != ".db" && extension != ".db-wal") continue;
    std::string bytes = read_file(entry.path());
    for (std::size_t at = 100 * 4096 + 700; at < bytes.size(); at += 4096) {
      patch_file(entry.path(), at, std::string(1, static_cast<char>(bytes[at] ^ 1)));
    }
  }
  bool found = false;
  for (const auto& [name, value] : stored) {
    std::string got;
    const Outcome outcome = client_->get(name, &got);
    if (outcome.ok()) {
      ASSERT_TRUE(got == value) << "a changed value was served: " << name;
      ASSERT_FALSE(found) << "served after damage was found";
    } else if (!found) {
      ASSERT_TRUE(failed_with(outcome, "VAULT_DAMAGED"));
      found = true;
    }
  }
  EXPECT_TRUE(found);
  EXPECT_NE(client_->state(), pb::VAULT_STATE_UNLOCKED);
}

TEST_F(Damage, OneDamagedValueIsNamedAndTheOthersStayToBeHad) {
  start_unlocked();
  ASSERT_TRUE(succeeded(client_->set("sound", "value")));
  ASSERT_TRUE(succeeded(client_->set("damaged", random_bytes(500'000))));
  client_.reset();
  ASSERT_EQ(daemon_->stop().code, 0);
  // Nearly all of the file is the large value.
  const std::string bytes = read_file(home_.database());
  const std::size_t at = bytes.size() / 2;
  patch_file(home_.database(), at, std::string(1, static_cast<char>(bytes[at] ^ 1)));
  start();
  ASSERT_TRUE(succeeded(unlock()));
  std::string value;
  ASSERT_TRUE(succeeded(client_->get("sound", &value)));
  const Outcome outcome = client_->get("damaged", &value);
  EXPECT_TRUE(failed_with(outcome, "VAULT_DAMAGED"));
  EXPECT_NE(outcome.message.find("tacit unlock"), std::string::npos) << outcome.message;
  EXPECT_TRUE(failed_with(client_->get("sound", &value), "VAULT_DAMAGED"));
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_LOCKED);
  ASSERT_TRUE(succeeded(unlock()));
  ASSERT_TRUE(succeeded(client_->get("sound", &value)));
  EXPECT_EQ(value, "value");
  std::vector<pb::VerifyReply> replies;
  ASSERT_TRUE(succeeded(
      client_->read_all(client_->admin(), &pb::Admin::Stub::Verify, pb::VerifyRequest{}, replies)));
  std::vector<std::string> named;
  for (const pb::VerifyReply& reply : replies) {
    if (reply.finding() != pb::REASON_UNSPECIFIED) named.push_back(reply.item().name());
  }
  EXPECT_EQ(named, std::vector<std::string>{"damaged"});
}

}  // namespace
}  // namespace tacit::test
