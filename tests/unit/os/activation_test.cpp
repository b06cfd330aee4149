#include "daemon/os/activation.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/unit/os/child.h"
#include "tests/unit/os/scratch_folder.h"

namespace tacit {
namespace {

TEST(Activation, TakesTheSocketsMeantForThisProcess) {
  const int result = run_in_child([] {
    const int first = socket(AF_UNIX, SOCK_STREAM, 0);
    const int second = socket(AF_UNIX, SOCK_STREAM, 0);
    const int high_first = fcntl(first, F_DUPFD, 50);
    const int high_second = fcntl(second, F_DUPFD, 50);
    dup2(high_first, 3);
    dup2(high_second, 4);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_FDNAMES", "tacit.socket:other", 1);
    const auto sockets = take_activated_sockets();
    REQUIRE_IN_CHILD(sockets.ok());
    REQUIRE_IN_CHILD(sockets->size() == 2);
    REQUIRE_IN_CHILD(sockets->at(0).fd.get() == 3 && sockets->at(0).name == "tacit.socket");
    REQUIRE_IN_CHILD(sockets->at(1).fd.get() == 4 && sockets->at(1).name == "other");
    REQUIRE_IN_CHILD(fcntl(3, F_GETFD) == FD_CLOEXEC);
    REQUIRE_IN_CHILD(!getenv("LISTEN_FDS") && !getenv("LISTEN_PID") && !getenv("LISTEN_FDNAMES"));
    return 0;
  });
  EXPECT_EQ(result, 0);
}

TEST(Activation, SocketsOfAnotherProcessAreNotOurs) {
  const int result = run_in_child([] {
    setenv("LISTEN_PID", std::to_string(getppid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    const auto sockets = take_activated_sockets();
    REQUIRE_IN_CHILD(sockets.ok() && sockets->empty());
    return 0;
  });
  EXPECT_EQ(result, 0);
}

TEST(Activation, MalformedVariablesAreAnError) {
  const int result = run_in_child([] {
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "many", 1);
    REQUIRE_IN_CHILD(!take_activated_sockets().ok());
    return 0;
  });
  EXPECT_EQ(result, 0);
}

std::string read_all(int fd) {
  std::string text;
  char buffer[256];
  for (ssize_t size = 0; (size = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

TEST(Readiness, ThePipeSaysOneLineAndCloses) {
  for (const bool works : {true, false}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const UniqueFd read_end(ends[0]);
    Readiness readiness(ends[1]);
    EXPECT_EQ(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    if (works) {
      readiness.ready("locked");
      readiness.failed("too late");
    } else {
      readiness.failed("the vault\nis busy");
    }
    EXPECT_EQ(read_all(read_end.get()), works ? "ready\n" : "error the vault is busy\n");
  }
}

TEST(Readiness, WithoutAPipeNothingHappens) {
  Readiness(-1).ready("locked");
  Readiness(999'999).ready("locked");
}

TEST(Readiness, TheServiceManagerIsTold) {
  const ScratchFolder scratch;
  const UniqueFd manager(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = scratch / "notify";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(manager.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const int result = run_in_child([&path] {
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    Readiness readiness(-1);
    readiness.ready("locked\nMAINPID=1");
    readiness.status("unlocked");
    readiness.stopping();
    return 0;
  });
  ASSERT_EQ(result, 0);
  const auto datagram = [&manager] {
    char buffer[512];
    const ssize_t size = recv(manager.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  };
  EXPECT_EQ(datagram(), "READY=1\nSTATUS=locked MAINPID=1");
  EXPECT_EQ(datagram(), "STATUS=unlocked");
  EXPECT_EQ(datagram(), "STOPPING=1");
}

}  // namespace
}  // namespace tacit
