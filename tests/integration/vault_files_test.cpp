// A vault that something happened to while no daemon looked: told by its cause, never replaced,
// and nothing is written over it.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/harness/daemon_test.h"

namespace tacit::test {
namespace {
namespace fs = std::filesystem;

// Offsets in the first page of an SQLite database (https://www.sqlite.org/fileformat.html, 1.3).
constexpr std::uint64_t kUserVersion = 60;
constexpr std::uint64_t kApplicationId = 68;

class VaultFiles : public DaemonTest {
 protected:
  void SetUp() override {
    start_unlocked();
    for (int i = 0; i < 20; ++i) {
      values_.push_back(random_bytes(3000));
      ASSERT_TRUE(succeeded(client_->set("name" + std::to_string(i), values_.back())));
    }
    client_.reset();
    ASSERT_EQ(daemon_->stop().code, 0) << daemon_->log();
    daemon_.reset();
    ASSERT_TRUE(fs::exists(home_.database()));
  }

  /// The daemon serves, says what is wrong with the vault, and refuses to open or replace it.
  void unusable(const std::string& reason) {
    start();
    pb::StatusReply status;
    ASSERT_TRUE(succeeded(client_->status(status)));
    EXPECT_EQ(status.state(), pb::VAULT_STATE_UNUSABLE);
    EXPECT_EQ(pb::Reason_Name(status.problem()), "REASON_" + reason);
    EXPECT_FALSE(status.problem_message().empty());
    EXPECT_TRUE(failed_with(unlock(), reason));
    pb::CreateRequest create;
    *create.add_credentials() = key_file(key_);
    EXPECT_FALSE(client_->create(create).ok());
    EXPECT_TRUE(failed_with(client_->get("name0"), reason));
    client_.reset();
    EXPECT_EQ(daemon_->stop().code, 0);
    daemon_.reset();
  }
  /// Mended, it opens as if nothing had been.
  void usable() {
    start();
    ASSERT_TRUE(succeeded(unlock()));
    everything_is_right();
  }
  void everything_is_right() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      std::string value;
      EXPECT_TRUE(succeeded(client_->get("name" + std::to_string(i), &value)));
      EXPECT_TRUE(value == values_[i]) << i;
    }
  }

  std::vector<std::string> values_;
};

TEST_F(VaultFiles, AMissingFolderBesideAnAnchorIsNotANewUser) {
  fs::rename(home_.vault_dir(), home_.path() / "aside");
  unusable("VAULT_DAMAGED");
  EXPECT_TRUE(home_.database().empty());
  fs::remove_all(home_.vault_dir());
  fs::rename(home_.path() / "aside", home_.vault_dir());
  usable();
}

TEST_F(VaultFiles, AMissingPointerIsDamage) {
  fs::rename(home_.vault_dir() / "CURRENT", home_.path() / "aside");
  unusable("VAULT_DAMAGED");
  fs::rename(home_.path() / "aside", home_.vault_dir() / "CURRENT");
  usable();
}

TEST_F(VaultFiles, APointerToNothingIsDamage) {
  const fs::path database = home_.database();
  fs::rename(database, home_.path() / "aside");
  unusable("VAULT_DAMAGED");
  EXPECT_FALSE(fs::exists(database)) << "no empty vault was made in its place";
  fs::rename(home_.path() / "aside", database);
  usable();
}

TEST_F(VaultFiles, APointerOutOfTheFolderIsDamage) {
  const std::string pointer = read_file(home_.vault_dir() / "CURRENT");
  for (const char* target : {"../elsewhere.db\n", "/etc/passwd\n", "", "\n", "vault-\xff.db\n"}) {
    write_file(home_.vault_dir() / "CURRENT", target);
    unusable("VAULT_DAMAGED");
  }
  write_file(home_.vault_dir() / "CURRENT", pointer);
  usable();
}

TEST_F(VaultFiles, ATruncatedDatabaseIsToldAndKept) {
  const std::string whole = read_file(home_.database());
  // Cut inside a page, at a page, and to half: SQLite sees the length, the vault its rows.
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{50}, std::size_t{4096}, whole.size() / 2, whole.size() - 1}) {
    write_file(home_.database(), whole.substr(0, length));
    start();
    const Outcome outcome = unlock();
    // The last byte may be one that no row uses; then nothing is missing.
    if (outcome.ok() && length == whole.size() - 1) {
      everything_is_right();
      client_.reset();
      EXPECT_EQ(daemon_->stop().code, 0);
      daemon_.reset();
      continue;
    }
    EXPECT_TRUE(failed_with(outcome, "VAULT_DAMAGED") || failed_with(outcome, "NOT_A_VAULT"))
        << length << ": " << outcome;
    pb::CreateRequest create;
    *create.add_credentials() = key_file(key_);
    EXPECT_FALSE(client_->create(create).ok()) << length;
    client_.reset();
    EXPECT_EQ(daemon_->stop().code, 0);
    daemon_.reset();
    EXPECT_EQ(read_file(home_.database()), whole.substr(0, length)) << "it was written over";
  }
  write_file(home_.database(), whole);
  usable();
}

TEST_F(VaultFiles, ANewerVaultIsRefused) {
  const std::string whole = read_file(home_.database());
  patch_file(home_.database(), kUserVersion, std::string("\x7f\0\0\1", 4));
  unusable("VAULT_TOO_NEW");
  write_file(home_.database(), whole);
  usable();
}

TEST_F(VaultFiles, AnotherProgramsDatabaseIsRefused) {
  const std::string whole = read_file(home_.database());
  patch_file(home_.database(), kApplicationId, "GPKG");
  unusable("NOT_A_VAULT");
  write_file(home_.database(), "a text that somebody saved here\n" + std::string(8192, '.'));
  unusable("NOT_A_VAULT");
  write_file(home_.database(), whole);
  usable();
}

TEST_F(VaultFiles, AnOpenFolderOrFileIsRefused) {
  fs::permissions(home_.vault_dir(), static_cast<fs::perms>(0755));
  unusable("PERMISSIONS");
  fs::permissions(home_.vault_dir(), static_cast<fs::perms>(0700));
  fs::permissions(home_.database(), static_cast<fs::perms>(0644));
  unusable("PERMISSIONS");
  fs::permissions(home_.database(), static_cast<fs::perms>(0600));
  usable();
}

TEST_F(VaultFiles, AnotherUsersFolderOrFileIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  ASSERT_EQ(chown(home_.vault_dir().c_str(), 65534, 65534), 0);
  unusable("PERMISSIONS");
  ASSERT_EQ(chown(home_.vault_dir().c_str(), 0, 0), 0);
  ASSERT_EQ(chown(home_.database().c_str(), 65534, 65534), 0);
  unusable("PERMISSIONS");
  ASSERT_EQ(chown(home_.database().c_str(), 0, 0), 0);
  usable();
}

TEST_F(VaultFiles, ASymbolicLinkIsNotFollowed) {
  const fs::path database = home_.database();
  fs::rename(database, home_.path() / "aside.db");
  fs::create_symlink(home_.path() / "aside.db", database);
  start();
  EXPECT_FALSE(unlock().ok());
  EXPECT_EQ(client_->state(), pb::VAULT_STATE_UNUSABLE);
  client_.reset();
  daemon_.reset();
  fs::remove(database);
  fs::rename(home_.path() / "aside.db", database);
  usable();
}

}  // namespace
}  // namespace tacit::test
