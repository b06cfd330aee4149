#include "daemon/os/older_boots.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "daemon/os/endpoint.h"
#include "tests/unit/os/scratch_folder.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;

class OlderBoots : public testing::Test {
 protected:
  /// The folder of a boot, told by one digit.
  std::string boot(char digit) const { return scratch_ / ("run/" + std::string(32, digit)); }
  /// As a daemon leaves it that was killed.
  void leave_socket(char digit) {
    auto endpoint = listen_on(boot(digit) + "/tacit.sock");
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    const std::string kept = boot(digit) + "/kept";
    fs::rename(boot(digit) + "/tacit.sock", kept);
    endpoint = absl::InternalError("ended");
    fs::rename(kept, boot(digit) + "/tacit.sock");
  }
  ScratchFolder scratch_;
};

TEST_F(OlderBoots, GoIfTheirDaemonIsDead) {
  leave_socket('1');
  fs::create_directories(boot('2'));
  leave_socket('3');
  remove_older_boots(boot('3'));
  EXPECT_FALSE(fs::exists(boot('1')));
  EXPECT_FALSE(fs::exists(boot('2')));
  EXPECT_TRUE(fs::exists(boot('3') + "/tacit.sock")) << "the current one stays";
}

TEST_F(OlderBoots, StayIfSomebodyListensOrAnotherThingIsThere) {
  const auto live = listen_on(boot('1') + "/tacit.sock");
  ASSERT_TRUE(live.ok()) << live.status();
  leave_socket('2');
  std::ofstream(boot('2') + "/notes") << "x";
  leave_socket('4');
  fs::create_directories(scratch_ / "run/notes");
  fs::create_directory_symlink(boot('4'), boot('5'));
  fs::create_directories(boot('6'));
  std::ofstream(boot('6') + "/tacit.sock") << "no socket";
  remove_older_boots(boot('4'));
  EXPECT_TRUE(live->in_place());
  EXPECT_TRUE(fs::exists(boot('2') + "/tacit.sock"));
  EXPECT_TRUE(fs::exists(boot('2') + "/notes"));
  EXPECT_TRUE(fs::exists(scratch_ / "run/notes"));
  EXPECT_TRUE(fs::is_symlink(boot('5')));
  EXPECT_TRUE(fs::exists(boot('4') + "/tacit.sock"));
  EXPECT_TRUE(fs::exists(boot('6') + "/tacit.sock"));
}

TEST_F(OlderBoots, MayBeNone) {
  remove_older_boots(boot('1'));
  EXPECT_FALSE(fs::exists(scratch_ / "run"));
}

}  // namespace
}  // namespace tacit
