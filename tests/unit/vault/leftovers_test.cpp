// What a killed daemon leaves beside the vault goes when it is next opened; nothing else does.
#include <fcntl.h>
#include <sys/file.h>

#include "daemon/vault/leftovers.h"
#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;

const std::string kHex = "0123456789abcdef";
const std::string kBackup = "backup-" + kHex + ".tmp";
const std::string kReadOnlyCopy = "read-only-" + kHex;
const std::string kVaultFile = "vault-" + kHex + kHex + ".db";

class Leftovers : public Scratch {
 protected:
  void SetUp() override {
    create();
    ASSERT_TRUE(set("x", "v").ok());
    close();
    fs::create_directory(place_.runtime_dir);
    fs::permissions(place_.runtime_dir, fs::perms::owner_all);
  }
  std::string in_vault(const std::string& name) const { return place_.dir + "/" + name; }
  std::string in_runtime(const std::string& name) const { return place_.runtime_dir + "/" + name; }
  /// A read-only copy's folder with these files.
  void make_copy(const std::vector<std::string>& names) {
    fs::create_directory(in_runtime(kReadOnlyCopy));
    for (const std::string& name : names) write_file(in_runtime(kReadOnlyCopy + "/" + name), "c");
  }
  void expect_opens() {
    reopen();
    EXPECT_EQ(get("x"), "v");
  }
};

TEST_F(Leftovers, OfAKilledDaemonGoAtTheNextOpening) {
  const std::vector<std::string> left{
      in_vault(kBackup),
      in_vault(kBackup + "-wal"),
      in_vault(kBackup + "-journal"),
      in_vault("backup-" + std::string(16, 'a') + ".tmp-shm"),  // its database went already
      in_vault("creating-" + kVaultFile),
      in_vault("creating-" + kVaultFile + "-wal"),
      in_vault("CURRENT.new"),
      in_runtime(kBackup),
      in_runtime(kBackup + "-wal"),
  };
  for (const std::string& path : left) write_file(path, "left");
  make_copy({kVaultFile, kVaultFile + "-wal"});
  expect_opens();
  for (const std::string& path : left) EXPECT_FALSE(fs::exists(path)) << path;
  EXPECT_FALSE(fs::exists(in_runtime(kReadOnlyCopy)));
}

TEST_F(Leftovers, WhatHasOtherNamesOrOtherKindsStays) {
  const std::string elsewhere = base_ + "/elsewhere";
  write_file(elsewhere, "precious");
  const std::vector<std::string> kept{
      in_vault("backup-notes.tmp"),
      in_vault("backup-0123456789ABCDEF.tmp"),
      in_vault("backup-" + kHex + "0.tmp"),
      in_vault("my-" + kBackup),
      in_vault("creating-my-own.db"),
      in_vault("vault-" + kHex + kHex + ".db.old"),
      in_runtime("creating-" + kVaultFile),
      in_runtime("CURRENT.new"),
      in_runtime(kVaultFile),
  };
  for (const std::string& path : kept) write_file(path, "kept");
  fs::create_symlink(elsewhere, in_vault(kBackup));
  fs::create_directory(in_runtime(kBackup));
  make_copy({kVaultFile, "notes"});
  expect_opens();
  for (const std::string& path : kept) EXPECT_TRUE(fs::exists(path)) << path;
  EXPECT_EQ(read_file(elsewhere), "precious");
  EXPECT_TRUE(fs::is_symlink(in_vault(kBackup)));
  EXPECT_TRUE(fs::is_directory(in_runtime(kBackup)));
  EXPECT_TRUE(fs::exists(in_runtime(kReadOnlyCopy + "/" + kVaultFile)));
  EXPECT_TRUE(fs::exists(in_runtime(kReadOnlyCopy + "/notes")));
}

TEST_F(Leftovers, AnotherUsersFileStays) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  write_file(in_runtime(kBackup), "theirs");
  ASSERT_EQ(chown(in_runtime(kBackup).c_str(), 65534, 65534), 0);
  expect_opens();
  EXPECT_TRUE(fs::exists(in_runtime(kBackup)));
}

TEST_F(Leftovers, WhatIsInUseStays) {
  write_file(in_runtime(kBackup), "used");
  make_copy({kVaultFile});
  {
    const auto backup = hold_passing(in_runtime(kBackup));
    const auto copy = hold_passing(in_runtime(kReadOnlyCopy));
    ASSERT_TRUE(backup.ok() && copy.ok());
    EXPECT_EQ(reason_of(hold_passing(in_runtime(kBackup)).status()), Reason::kIoError);
    expect_opens();
    EXPECT_TRUE(fs::exists(in_runtime(kBackup)));
    EXPECT_TRUE(fs::exists(in_runtime(kReadOnlyCopy + "/" + kVaultFile)));
  }
  expect_opens();
  EXPECT_FALSE(fs::exists(in_runtime(kBackup)));
  EXPECT_FALSE(fs::exists(in_runtime(kReadOnlyCopy)));
}

TEST_F(Leftovers, ABackupInTheMakingIsInUseUntilItIsWhole) {
  reopen();
  const std::string path = in_vault(new_backup_name());
  auto backup = vault_->start_backup(path);
  ASSERT_TRUE(backup.ok()) << backup.status();
  for (bool whole = false; !whole;) {
    remove_leftovers(place_.dir);
    ASSERT_TRUE(fs::exists(path));
    const auto step = (*backup)->step(1);
    ASSERT_TRUE(step.ok()) << step.status();
    whole = *step;
  }
  backup->reset();
  EXPECT_TRUE(fs::exists(path));
  remove_leftovers(place_.dir);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace tacit
