#include "daemon/os/folder_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/os/scratch_folder.h"

namespace tacit {
namespace {

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() { std::filesystem::create_directories(folder_); }
  static bool told(const FolderWatch& watch) {
    pollfd wait{watch.fd(), POLLIN, 0};
    return poll(&wait, 1, 10'000) == 1;
  }
  ScratchFolder scratch_;
  std::string folder_ = scratch_ / "runtime/tacit";
};

TEST_F(FolderWatchTest, TellsOfRemoval) {
  auto watch = FolderWatch::open(folder_);
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_FALSE(watch->gone());
  std::filesystem::remove_all(scratch_ / "runtime");
  ASSERT_TRUE(told(*watch));
  EXPECT_TRUE(watch->gone());
  EXPECT_TRUE(watch->gone());
}

TEST_F(FolderWatchTest, TellsOfRemovalWhileSomebodyIsInside) {
  auto watch = FolderWatch::open(folder_);
  ASSERT_TRUE(watch.ok());
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  std::filesystem::remove_all(folder_);
  EXPECT_TRUE(told(*watch));
  EXPECT_TRUE(watch->gone());
  std::filesystem::current_path(before);
}

TEST_F(FolderWatchTest, TellsOfMovingAndReplacing) {
  auto watch = FolderWatch::open(folder_);
  ASSERT_TRUE(watch.ok());
  std::filesystem::rename(folder_, scratch_ / "elsewhere");
  std::filesystem::create_directories(folder_);
  ASSERT_TRUE(told(*watch));
  EXPECT_TRUE(watch->gone());
}

TEST_F(FolderWatchTest, OtherChangesNearbyAreNoReason) {
  auto watch = FolderWatch::open(folder_);
  ASSERT_TRUE(watch.ok());
  std::ofstream(folder_ + "/file") << "x";
  std::filesystem::remove(folder_ + "/file");
  std::ofstream(scratch_ / "runtime/neighbour") << "x";
  std::filesystem::remove(scratch_ / "runtime/neighbour");
  ASSERT_TRUE(told(*watch));
  EXPECT_FALSE(watch->gone());
}

TEST_F(FolderWatchTest, TellsOfUnmounting) {
  const std::string mount_point = scratch_ / "runtime";
  if (mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "mode=0700") != 0) {
    GTEST_SKIP() << "this user may not mount";
  }
  std::filesystem::create_directories(folder_);
  auto watch = FolderWatch::open(folder_);
  const bool unmounted = umount2(mount_point.c_str(), MNT_DETACH) == 0;
  ASSERT_TRUE(watch.ok() && unmounted);
  ASSERT_TRUE(told(*watch));
  EXPECT_TRUE(watch->gone());
}

TEST_F(FolderWatchTest, AMissingFolderIsAnError) {
  EXPECT_FALSE(FolderWatch::open(scratch_ / "missing").ok());
}

}  // namespace
}  // namespace tacit
