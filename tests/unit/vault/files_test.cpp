// The folder around the vault: creation, CURRENT, lock, modes, read-only and full disks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/vault/scratch.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Files : public Scratch {};

TEST_F(Files, NoVaultIsSaidAndNothingIsMade) {
  EXPECT_EQ(reason_of(try_open()), Reason::kNoVault);
  EXPECT_FALSE(fs::exists(base_ + "/data"));
}

TEST_F(Files, CreationMakesPrivateFilesOnce) {
  create();
  for (const auto& file : fs::recursive_directory_iterator(base_)) {
    struct stat info {};
    ASSERT_EQ(lstat(file.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077u, 0u) << file.path();
  }
  EXPECT_FALSE(vault_->first_use());
  EXPECT_FALSE(vault_->anchor_due());
  close();
  EXPECT_EQ(reason_of(try_create()), Reason::kVaultExists);
  reopen();
}

TEST_F(Files, AMissingVaultBesideAnAnchorIsNeverReplaced) {
  create();
  ASSERT_TRUE(set("x", "v").ok());
  close();
  fs::rename(place_.dir, base_ + "/moved");
  EXPECT_EQ(reason_of(try_open()), Reason::kVaultDamaged);
  EXPECT_EQ(reason_of(try_create()), Reason::kVaultDamaged);
  fs::remove_all(place_.dir);
  fs::rename(base_ + "/moved", place_.dir);
  reopen();
  EXPECT_EQ(get("x"), "v");
}

TEST_F(Files, CurrentMissingOrGarbage) {
  create();
  close();
  const std::string current = place_.dir + "/CURRENT";
  const std::string good = read_file(current);
  const std::string file = database();
  for (const bool anchored : {true, false}) {
    if (!anchored) fs::remove(place_.anchor_file);
    fs::remove(current);
    EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
    EXPECT_NE(reason_of(try_create()), Reason::kUnspecified);
    for (const std::string& content :
         {std::string(), std::string("garbage"), "../" + good, std::string(9000, 'v'),
          std::string("/etc/passwd\n"), good + good, std::string("vault-0.db\n")}) {
      write_file(current, content);
      EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged) << content.substr(0, 50);
      EXPECT_NE(reason_of(try_create()), Reason::kUnspecified);
    }
    write_file(current, "vault-00000000000000000000000000000000.db\n");
    EXPECT_EQ(reopen_reason(), Reason::kVaultDamaged);
    EXPECT_NE(reason_of(try_create()), Reason::kUnspecified);
  }
  EXPECT_TRUE(fs::exists(file));
  write_file(current, good);
  EXPECT_EQ(reopen_reason(), Reason::kUnspecified);
}

TEST_F(Files, ASecondProcessIsToldWhoHoldsTheVault) {
  create();
  ASSERT_TRUE(set("x", "v").ok());
  const std::string holder = "pid " + std::to_string(getpid());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto second = LockedVault::open(place_, clock());
    const bool right =
        reason_of(second.status()) == Reason::kVaultBusy &&
        std::string(second.status().message()).find(holder) != std::string::npos &&
        std::string(second.status().message()).find(place_.socket) != std::string::npos;
    _exit(right ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(get("x"), "v");
  EXPECT_TRUE(set("x", "still ours").ok());
  EXPECT_EQ(reason_of(LockedVault::open(place_, clock()).status()), Reason::kVaultBusy)
      << "also within one process";
  EXPECT_TRUE(set("x", "undisturbed").ok());
}

TEST_F(Files, WrongModesOwnersAndKindsAreRefused) {
  create();
  close();
  const auto wrong = [&](const std::string& path, mode_t bad, mode_t good) {
    chmod(path.c_str(), bad);
    const absl::Status status = try_reopen();
    EXPECT_EQ(reason_of(status), Reason::kPermissions) << path << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("chmod"));
    chmod(path.c_str(), good);
  };
  wrong(place_.dir, 0755, 0700);
  wrong(place_.dir, 0710, 0700);
  wrong(database(), 0644, 0600);
  wrong(place_.dir + "/CURRENT", 0640, 0600);
  wrong(place_.dir + "/vault.lock", 0604, 0600);
  if (geteuid() == 0) {
    for (const std::string& path : {place_.dir, database(), place_.dir + "/CURRENT"}) {
      ASSERT_EQ(chown(path.c_str(), 12345, 0), 0);
      EXPECT_EQ(reopen_reason(), Reason::kPermissions) << path;
      ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
    }
  }
  const std::string file = database();
  fs::rename(file, base_ + "/elsewhere.db");
  fs::create_symlink(base_ + "/elsewhere.db", file);
  EXPECT_EQ(reopen_reason(), Reason::kPermissions) << "no symbolic links";
  fs::remove(file);
  fs::rename(base_ + "/elsewhere.db", file);
  EXPECT_EQ(reopen_reason(), Reason::kUnspecified);
  close();
  // A linked folder on the way is the user's own affair.
  fs::rename(base_ + "/data", base_ + "/real");
  fs::create_symlink(base_ + "/real", base_ + "/data");
  EXPECT_EQ(reopen_reason(), Reason::kUnspecified);
}

/// In a mount namespace of its own; the calling test runs in a child process.
bool private_mounts() {
  return unshare(CLONE_NEWNS) == 0 &&
         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// Runs `body` in a child that may mount; its EXPECTs count here. Skips without the right.
template <class Body>
void in_child_that_mounts(Body body, bool& skipped) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!private_mounts()) _exit(77);
    body();
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  skipped = WEXITSTATUS(status) == 77;
  EXPECT_TRUE(skipped || WEXITSTATUS(status) == 0) << "see above";
}

TEST_F(Files, OnAReadOnlyFileSystemTheVaultIsReadFromACopy) {
  create();
  ASSERT_TRUE(set("x", "v").ok());
  close();
  bool skipped = false;
  in_child_that_mounts(
      [&] {
        if (mount(place_.dir.c_str(), place_.dir.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            mount(nullptr, place_.dir.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY,
                  nullptr) != 0) {
          _exit(77);
        }
        const absl::Status opened = try_reopen();
        ASSERT_TRUE(opened.ok()) << opened;
        EXPECT_EQ(vault_->read_only(), Reason::kReadOnly);
        EXPECT_EQ(get("x"), "v");
        const absl::Status refused = set("x", "w").status();
        EXPECT_EQ(reason_of(refused), Reason::kReadOnly);
        EXPECT_THAT(std::string(refused.message()), HasSubstr("read-only file system"));
        EXPECT_EQ(vault_->write_anchor(), absl::OkStatus());
        close();
        EXPECT_TRUE(fs::is_empty(place_.runtime_dir)) << "the copy is gone";
        EXPECT_NE(reason_of(try_create()), Reason::kUnspecified);
      },
      skipped);
  if (skipped) GTEST_SKIP() << "this process may not mount";
  reopen();
  EXPECT_EQ(vault_->read_only(), Reason::kUnspecified);
}

TEST_F(Files, NothingIsWrittenIntoFilesThatWereTakenAway) {
  create();
  ASSERT_TRUE(set("x", "before").ok());
  const std::string folder = place_.dir;
  const std::string file = database();
  const auto refused = [&](const std::string& what) {
    const auto stored = set("x", "lost");
    ASSERT_FALSE(stored.ok()) << what;
    EXPECT_EQ(reason_of(stored.status()), Reason::kIoError) << what << stored.status();
    EXPECT_THAT(std::string(stored.status().message()), HasSubstr("nothing was written"));
    EXPECT_EQ(reason_of(vault_->remove({"default", "x"}, false, {})), Reason::kIoError) << what;
    EXPECT_EQ(reason_of(vault_->rotate(10).status()), Reason::kIoError) << what;
    // What is open can still be read.
    EXPECT_EQ(get("x"), "before") << what;
  };
  for (const std::string& path : {file, file + "-wal", folder + "/CURRENT", folder}) {
    fs::rename(path, path + ".away");
    refused(path + " taken away");
    if (path != folder) {
      fs::copy_file(path + ".away", path);
      if (path != folder + "/CURRENT") refused(path + " replaced");
      fs::remove(path);
    } else {
      fs::copy(path + ".away", path, fs::copy_options::recursive);
      refused(path + " replaced");
      fs::remove_all(path);
    }
    fs::rename(path + ".away", path);
    ASSERT_TRUE(set("x", "before").ok()) << path << " put back";
  }
  const std::string current = read_file(folder + "/CURRENT");
  write_file(folder + "/CURRENT", "vault-0123456789abcdef0123456789abcdef.db\n");
  refused("CURRENT names another");
  // Another file of the same content is as good.
  fs::remove(folder + "/CURRENT");
  write_file(folder + "/CURRENT", current);
  EXPECT_TRUE(set("y", "after").ok());
  reopen();
  EXPECT_EQ(get("x"), "before");
  EXPECT_EQ(get("y"), "after");
}

TEST_F(Files, AFullDiskLosesNothing) {
  bool skipped = false;
  in_child_that_mounts(
      [&] {
        fs::create_directories(base_ + "/data");
        if (mount("tmpfs", (base_ + "/data").c_str(), "tmpfs", 0, "size=1m,mode=0700") != 0) {
          _exit(77);
        }
        create();
        std::vector<std::string> stored;
        Reason reason = Reason::kUnspecified;
        for (int i = 0; i < 1000 && reason == Reason::kUnspecified; ++i) {
          const std::string name = "n" + std::to_string(i);
          reason =
              reason_of(set(name, std::string(3000, static_cast<char>('a' + i % 26))).status());
          if (reason == Reason::kUnspecified) stored.push_back(name);
        }
        EXPECT_EQ(reason, Reason::kDiskFull);
        EXPECT_GT(stored.size(), 20u);
        const auto all_there = [&] {
          for (std::size_t i = 0; i < stored.size(); ++i) {
            EXPECT_EQ(get(stored[i]), std::string(3000, static_cast<char>('a' + i % 26)));
          }
          EXPECT_EQ(names().size(), stored.size());
        };
        all_there();
        EXPECT_EQ(reason_of(set("n0", std::string(100'000, 'x')).status()), Reason::kDiskFull);
        all_there();
        const absl::Status opened = try_reopen();
        ASSERT_TRUE(opened.ok()) << opened;
        all_there();
        // Room again: writes go on.
        ASSERT_EQ(mount("tmpfs", (base_ + "/data").c_str(), "tmpfs", MS_REMOUNT, "size=8m"), 0);
        EXPECT_TRUE(set("n0", std::string(3000, 'a')).ok());
        all_there();
        close();
      },
      skipped);
  if (skipped) GTEST_SKIP() << "this process may not mount";
}

TEST_F(Files, CreationOnAFullDiskLeavesNothing) {
  bool skipped = false;
  in_child_that_mounts(
      [&] {
        fs::create_directories(base_ + "/data");
        if (mount("tmpfs", (base_ + "/data").c_str(), "tmpfs", 0, "size=24k,mode=0700") != 0) {
          _exit(77);
        }
        EXPECT_EQ(reason_of(try_create()), Reason::kDiskFull);
        EXPECT_EQ(reason_of(try_open()), Reason::kNoVault);
        EXPECT_FALSE(fs::exists(place_.anchor_file));
        ASSERT_EQ(mount("tmpfs", (base_ + "/data").c_str(), "tmpfs", MS_REMOUNT, "size=8m"), 0);
        create();
        EXPECT_TRUE(set("x", "v").ok());
        close();
      },
      skipped);
  if (skipped) GTEST_SKIP() << "this process may not mount";
}

}  // namespace
}  // namespace tacit
