#include "daemon/os/endpoint.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/status.h"
#include "tacit/paths.h"
#include "tests/unit/os/child.h"
#include "tests/unit/os/scratch_folder.h"

namespace tacit {
namespace {

using testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

bool exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// A plain socket bound to `path`; listening or, as after a crash, not.
UniqueFd bind_plainly(const std::string& path, bool listening) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  if (listening) {
    EXPECT_EQ(listen(fd.get(), 1), 0);
  }
  return fd;
}

bool answers(const std::string& path) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = address_of(path);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

class EndpointTest : public testing::Test {
 protected:
  ScratchFolder scratch_;
  std::string folder_ = scratch_ / "run/tacit";
  std::string path_ = folder_ + "/tacit.sock";

  void make_folder() {
    std::filesystem::create_directories(folder_);
    chmod(folder_.c_str(), 0700);
  }
  void expect_refused(Reason reason, const std::string& words) {
    const auto endpoint = listen_on(path_);
    ASSERT_FALSE(endpoint.ok());
    EXPECT_EQ(reason_of(endpoint.status()), reason) << endpoint.status();
    EXPECT_THAT(std::string(endpoint.status().message()), HasSubstr(words));
    EXPECT_THAT(std::string(endpoint.status().message()), HasSubstr(scratch_.path()));
  }
};

TEST_F(EndpointTest, ListensForItsUserAlone) {
  const auto endpoint = listen_on(path_);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_TRUE(answers(path_));
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(folder_), 0700U);
  EXPECT_EQ(mode_of(path_ + ".lock"), 0600U);
  EXPECT_EQ(fcntl(endpoint->fd(), F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(fcntl(endpoint->fd(), F_GETFL) & O_NONBLOCK);
  EXPECT_EQ(endpoint->folder(), folder_);
  EXPECT_FALSE(endpoint->adopted());
}

TEST_F(EndpointTest, ModesDoNotDependOnTheUmask) {
  const mode_t before = umask(0);
  const auto endpoint = listen_on(path_);
  umask(before);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(folder_), 0700U);
}

TEST_F(EndpointTest, RemovesItsSocketWhenDestroyed) {
  { ASSERT_TRUE(listen_on(path_).ok()); }
  EXPECT_FALSE(exists(path_));
  EXPECT_TRUE(listen_on(path_).ok());
}

TEST_F(EndpointTest, LeavesASocketThatIsNoLongerItsOwn) {
  auto endpoint = listen_on(path_);
  ASSERT_TRUE(endpoint.ok());
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".old").c_str()), 0);
  const UniqueFd other = bind_plainly(path_, true);
  endpoint = absl::InternalError("gone");
  EXPECT_TRUE(answers(path_));
}

TEST_F(EndpointTest, MovingKeepsTheSocket) {
  auto first = listen_on(path_);
  ASSERT_TRUE(first.ok());
  std::optional<Endpoint> second(*std::move(first));
  first = absl::InternalError("moved from");
  EXPECT_TRUE(answers(path_));
  const UniqueFd given(second->release_fd());
  second.reset();
  EXPECT_FALSE(exists(path_));
}

TEST_F(EndpointTest, ReplacesAStaleSocket) {
  make_folder();
  bind_plainly(path_, false).reset();
  ASSERT_TRUE(exists(path_));
  const auto endpoint = listen_on(path_);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_TRUE(answers(path_));
}

TEST_F(EndpointTest, ReplacesTheSocketOfAKilledDaemon) {
  const int result = run_in_child([this] {
    auto endpoint = listen_on(path_);
    REQUIRE_IN_CHILD(endpoint.ok());
    _exit(0);  // no destructor
  });
  ASSERT_EQ(result, 0);
  ASSERT_TRUE(exists(path_));
  EXPECT_TRUE(listen_on(path_).ok());
}

TEST_F(EndpointTest, ASecondDaemonIsRefusedAndTheFirstUndisturbed) {
  const auto first = listen_on(path_);
  ASSERT_TRUE(first.ok());
  expect_refused(Reason::kVaultBusy, "(pid " + std::to_string(getpid()) + ")");
  EXPECT_TRUE(answers(path_));
}

TEST_F(EndpointTest, ADaemonThatHasNotBoundYetKeepsItsPlace) {
  { ASSERT_TRUE(listen_on(path_).ok()); }
  const UniqueFd lock(open((path_ + ".lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  expect_refused(Reason::kVaultBusy, "already listens");
}

TEST_F(EndpointTest, ALiveSocketWithoutALockIsRefusedByPid) {
  make_folder();
  const UniqueFd other = bind_plainly(path_, true);
  expect_refused(Reason::kVaultBusy, "(pid " + std::to_string(getpid()) + ")");
  EXPECT_TRUE(answers(path_));
}

TEST_F(EndpointTest, ALiveSocketWithAFullBacklogIsRefused) {
  make_folder();
  const UniqueFd other = bind_plainly(path_, true);
  std::vector<UniqueFd> waiting;
  const sockaddr_un address = address_of(path_);
  while (true) {
    waiting.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (connect(waiting.back().get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0) {
      ASSERT_EQ(errno, EAGAIN);
      break;
    }
  }
  expect_refused(Reason::kVaultBusy, "already listens");
}

TEST_F(EndpointTest, ARegularFileIsLeftAlone) {
  make_folder();
  std::ofstream(path_) << "mine";
  expect_refused(Reason::kPermissions, "no socket");
  EXPECT_TRUE(exists(path_));
}

TEST_F(EndpointTest, ASymbolicLinkIsLeftAlone) {
  make_folder();
  ASSERT_EQ(symlink("elsewhere", path_.c_str()), 0);
  expect_refused(Reason::kPermissions, "a symbolic link");
  EXPECT_TRUE(exists(path_));
}

TEST_F(EndpointTest, ALinkInPlaceOfTheLockIsRefused) {
  make_folder();
  ASSERT_EQ(symlink("/dev/null", (path_ + ".lock").c_str()), 0);
  expect_refused(Reason::kPermissions, "symbolic link");
}

TEST_F(EndpointTest, AnotherUsersSocketIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make another user's socket";
  make_folder();
  bind_plainly(path_, false).reset();
  ASSERT_EQ(lchown(path_.c_str(), 12345, 12345), 0);
  expect_refused(Reason::kPermissions, "a socket of uid 12345");
}

TEST_F(EndpointTest, AnOpenFolderIsRefused) {
  make_folder();
  for (const mode_t mode : {0755, 0750, 0701, 0720, 01777}) {
    ASSERT_EQ(chmod(folder_.c_str(), mode), 0);
    expect_refused(Reason::kPermissions, "chmod 700 ");
  }
}

TEST_F(EndpointTest, ALinkedFolderIsRefused) {
  std::filesystem::create_directories(scratch_ / "real");
  std::filesystem::create_directories(scratch_ / "run");
  ASSERT_EQ(symlink((scratch_ / "real").c_str(), folder_.c_str()), 0);
  expect_refused(Reason::kPermissions, "symbolic link");
}

TEST_F(EndpointTest, AFileInPlaceOfTheFolderIsRefused) {
  std::filesystem::create_directories(scratch_ / "run");
  std::ofstream(folder_) << "x";
  expect_refused(Reason::kPermissions, "no folder");
}

TEST_F(EndpointTest, AnotherUsersFolderIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make another user's folder";
  make_folder();
  ASSERT_EQ(chown(folder_.c_str(), 12345, 12345), 0);
  expect_refused(Reason::kPermissions, "uid 12345");
}

TEST_F(EndpointTest, AFolderThatAnybodyMayRenameIsRefused) {
  make_folder();
  ASSERT_EQ(chmod((scratch_ / "run").c_str(), 0777), 0);
  expect_refused(Reason::kPermissions, "chmod o-w");
}

TEST_F(EndpointTest, NeverStraightInTmp) {
  const auto endpoint = listen_on("/tmp/tacit-test-" + std::to_string(getpid()) + ".sock");
  ASSERT_FALSE(endpoint.ok());
  EXPECT_EQ(reason_of(endpoint.status()), Reason::kPermissions);
}

TEST_F(EndpointTest, TheLongestPathWorksAndOneMoreByteIsNamed) {
  const std::string longest = folder_ + "/" + std::string(kMaxSocketPath - folder_.size() - 1, 's');
  {
    const auto endpoint = listen_on(longest);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_TRUE(answers(longest));
  }
  path_ = longest + "s";
  expect_refused(Reason::kInvalidArgument, "108 bytes, at most 107");
}

TEST_F(EndpointTest, RelativePathsAreRefused) {
  for (const char* path : {"", "tacit.sock", "./x", "/a/b/"}) {
    EXPECT_EQ(reason_of(listen_on(path).status()), Reason::kInvalidArgument) << path;
  }
}

TEST_F(EndpointTest, AdoptsAManagersSocketAndLeavesItsFile) {
  make_folder();
  UniqueFd given = bind_plainly(path_, true);
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  {
    const auto endpoint = adopt_listener(std::move(given));
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->path(), path_);
    EXPECT_TRUE(endpoint->adopted());
    EXPECT_TRUE(fcntl(endpoint->fd(), F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(answers(path_));
  }
  EXPECT_TRUE(exists(path_));
}

TEST_F(EndpointTest, AdoptsNothingThatOthersMayReach) {
  make_folder();
  UniqueFd given = bind_plainly(path_, true);
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_EQ(reason_of(adopt_listener(std::move(given)).status()), Reason::kPermissions);
}

TEST_F(EndpointTest, AdoptsNothingButListeningUnixStreams) {
  make_folder();
  EXPECT_EQ(reason_of(adopt_listener(bind_plainly(path_, false)).status()),
            Reason::kInvalidArgument);
  EXPECT_EQ(reason_of(adopt_listener(UniqueFd(socket(AF_INET, SOCK_STREAM, 0))).status()),
            Reason::kInvalidArgument);
  EXPECT_FALSE(adopt_listener(UniqueFd(open("/dev/null", O_RDWR))).ok());
}

TEST_F(EndpointTest, ChoosesTheFirstPlaceWhoseBaseIsThere) {
  const int result = run_in_child([this] {
    unsetenv("TACIT_SOCKET");
    setenv("XDG_STATE_HOME", (scratch_ / "state").c_str(), 1);
    setenv("XDG_RUNTIME_DIR", scratch_.path().c_str(), 1);
    auto place = choose_socket_path();
    REQUIRE_IN_CHILD(place.ok() && *place == scratch_ / "tacit/tacit.sock");

    setenv("XDG_RUNTIME_DIR", (scratch_ / "missing").c_str(), 1);
    place = choose_socket_path();
    REQUIRE_IN_CHILD(place.ok() && place->find("missing") == std::string::npos);

    setenv("TACIT_SOCKET", "/some/where", 1);
    place = choose_socket_path();
    REQUIRE_IN_CHILD(place.ok() && *place == "/some/where");
    return 0;
  });
  EXPECT_EQ(result, 0);
}

TEST_F(EndpointTest, AnotherUsersRuntimeFolderIsPassedOver) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make another user's folder";
  const int result = run_in_child([this] {
    unsetenv("TACIT_SOCKET");
    std::filesystem::create_directories(scratch_ / "theirs");
    REQUIRE_IN_CHILD(chown((scratch_ / "theirs").c_str(), 12345, 12345) == 0);
    setenv("XDG_RUNTIME_DIR", (scratch_ / "theirs").c_str(), 1);
    const auto place = choose_socket_path();
    REQUIRE_IN_CHILD(place.ok() && place->find("theirs") == std::string::npos);
    return 0;
  });
  EXPECT_EQ(result, 0);
}

}  // namespace
}  // namespace tacit
