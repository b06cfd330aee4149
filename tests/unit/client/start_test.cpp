// Starting the daemon when none answers.
#include "client/cpp/channel/start.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tacit/client.h"
#include "tests/unit/client/scratch.h"

namespace tacit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Start : public ::testing::Test {
 protected:
  Start() {
    ::setenv("TACIT_DAEMON", STOCK_DAEMON, 1);
    ::setenv("TACIT_SOCKET", scratch_.socket().c_str(), 1);
    ::setenv("TACIT_TEST_REPORT", report_.c_str(), 1);
    for (const char* name : {"TACIT_TEST_REFUSE", "TACIT_TEST_CRASH", "TACIT_TEST_SILENT"}) {
      ::unsetenv(name);
    }
  }
  ~Start() override {
    for (const std::string& line : report()) {
      if (line.starts_with("started ")) ::kill(std::stoi(line.substr(8)), SIGTERM);
    }
  }

  std::vector<std::string> report() const {
    std::vector<std::string> lines;
    std::ifstream in(report_);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  std::ptrdiff_t starts() const {
    return std::ranges::count_if(
        report(), [](const std::string& line) { return line.starts_with("started "); });
  }

  testing::Scratch scratch_;
  std::string report_ = scratch_.path() + "/report";
};

TEST_F(Start, OneCallIsEnough) {
  Client client;
  const auto status = client.status();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->version, "stock");
  EXPECT_NE(status->pid, ::getpid());
  EXPECT_EQ(starts(), 1);
}

TEST_F(Start, FiftyAtOnceStartOne) {
  std::vector<pid_t> children;
  for (int i = 0; i < 50; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      Client client;
      ::_exit(client.status().ok() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(starts(), 1);
}

TEST_F(Start, AfterTheDaemonDied) {
  Client client;
  const auto first = client.status();
  ASSERT_TRUE(first.ok());
  ::kill(static_cast<pid_t>(first->pid), SIGKILL);
  Result<DaemonStatus> second = client.status();
  // Its sockets close a moment after the kill.
  while (!second.ok() || second->pid == first->pid) second = client.status();
  EXPECT_EQ(starts(), 2);
}

TEST_F(Start, TheHostStaysAsItWas) {
  static int signals = 0;
  struct sigaction counting {};
  counting.sa_handler = [](int) { ++signals; };
  struct sigaction before {};
  ::sigaction(SIGCHLD, &counting, &before);
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignored, nullptr);
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  const int open_file = ::open("/etc/passwd", O_RDONLY);
  ASSERT_EQ(::setenv("SOME_SECRET", "x", 1), 0);
  ASSERT_EQ(::setenv("LD_LIBRARY_PATH", "/nowhere", 1), 0);

  {
    Client client;
    EXPECT_TRUE(client.status().ok());
  }
  EXPECT_EQ(signals, 0);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left behind";
  EXPECT_EQ(errno, ECHILD);
  sigset_t after;
  ::sigprocmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(::sigismember(&after, SIGUSR1), 1);
  EXPECT_EQ(::sigismember(&after, SIGUSR2), 0);

  const auto lines = report();
  EXPECT_THAT(lines, Contains("session leader's child 1"));
  EXPECT_THAT(lines, Contains("folder /"));
  EXPECT_THAT(lines, Contains("descriptor 0 /dev/null"));
  EXPECT_THAT(lines, Contains("descriptor 1 /dev/null"));
  EXPECT_THAT(lines, Contains("descriptor 2 /dev/null"));
  EXPECT_THAT(lines, Contains("descriptor 3 pipe"));
  EXPECT_EQ(std::ranges::count_if(lines, [](auto& l) { return l.starts_with("descriptor "); }), 4);
  EXPECT_THAT(lines, Not(Contains(StartsWith("signal "))));
  EXPECT_THAT(lines, Contains("environment HOME=" + scratch_.path() + "/HOME"));
  EXPECT_THAT(lines, Contains("environment TACIT_SOCKET=" + scratch_.socket()));
  for (const std::string& line : lines) {
    if (!line.starts_with("environment ")) continue;
    const std::string entry = line.substr(12);
    EXPECT_TRUE(entry.starts_with("HOME=") || entry.starts_with("USER=") ||
                entry.starts_with("PATH=") || entry.starts_with("LANG=") ||
                entry.starts_with("XDG_") || entry.starts_with("TACIT_"))
        << entry;
  }
  ::close(open_file);
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  ::sigaction(SIGCHLD, &before, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::unsetenv("SOME_SECRET");
  ::unsetenv("LD_LIBRARY_PATH");
}

TEST_F(Start, TheChosenSocketIsTold) {
  ::unsetenv("TACIT_SOCKET");
  ClientOptions options;
  options.socket_path = scratch_.path() + "/other.sock";
  Client client(options);
  EXPECT_TRUE(client.status().ok());
  EXPECT_THAT(report(), Contains("environment TACIT_SOCKET=" + options.socket_path));
}

TEST_F(Start, ItsOwnWordsWhenItRefuses) {
  ::setenv("TACIT_TEST_REFUSE", "config.toml:3: there is no key `idel`", 1);
  Client client;
  const auto status = client.status();
  EXPECT_EQ(status.error().code, Reason::kNoDaemon);
  EXPECT_THAT(status.error().message, HasSubstr("config.toml:3: there is no key `idel`"));
}

TEST_F(Start, ACrashIsTold) {
  ::setenv("TACIT_TEST_CRASH", "1", 1);
  const auto status = Client().status();
  EXPECT_EQ(status.error().code, Reason::kNoDaemon);
  EXPECT_THAT(status.error().message, HasSubstr("ended before it served"));
}

TEST_F(Start, ASilentOneIsATimeout) {
  ::setenv("TACIT_TEST_SILENT", "1", 1);
  ClientOptions options;
  options.deadline = std::chrono::milliseconds(300);
  EXPECT_EQ(Client(options).status().error().code, Reason::kTimeout);
}

TEST_F(Start, NotWhenForbidden) {
  ::setenv("TACIT_AUTOSTART", "0", 1);
  EXPECT_EQ(Client().status().error().code, Reason::kNoDaemon);
  ::unsetenv("TACIT_AUTOSTART");
  ClientOptions options;
  options.autostart = false;
  EXPECT_EQ(Client(options).status().error().code, Reason::kNoDaemon);
  EXPECT_EQ(starts(), 0);
}

TEST_F(Start, OnlyATrustworthyProgram) {
  ::setenv("TACIT_DAEMON", "stock_daemon", 1);
  EXPECT_FALSE(find_daemon().ok());
  const std::string copy = scratch_.path() + "/tacitd";
  std::ofstream(copy) << "#!/bin/sh\n";
  ::setenv("TACIT_DAEMON", copy.c_str(), 1);
  ::chmod(copy.c_str(), 0644);
  EXPECT_FALSE(find_daemon().ok());
  ::chmod(copy.c_str(), 0722);
  EXPECT_FALSE(find_daemon().ok());
  ::chmod(copy.c_str(), 0700);
  EXPECT_EQ(*find_daemon(), copy);
}

TEST_F(Start, NeverFromPath) {
  ::unsetenv("TACIT_DAEMON");
  const std::string copy = scratch_.path() + "/tacitd";
  std::ofstream(copy) << "#!/bin/sh\n";
  ::chmod(copy.c_str(), 0700);
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (scratch_.path() + ":" + path).c_str(), 1);
  const auto found = find_daemon();
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_TRUE(!found.ok() || *found != copy);
}

TEST_F(Start, AServiceManagerThatDoesNotAnswerIsPassedOver) {
  ::unsetenv("TACIT_SOCKET");
  const std::string runtime = scratch_.path() + "/XDG_RUNTIME_DIR/systemd";
  const std::string units = scratch_.path() + "/XDG_CONFIG_HOME/systemd/user";
  std::filesystem::create_directories(runtime);
  std::filesystem::create_directories(units);
  std::ofstream(runtime + "/private") << "no socket";
  std::ofstream(units + "/tacitd.socket") << "[Socket]\n";
  const auto status = Client().status();
  EXPECT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(starts(), 1);
}

/// A service manager's folder with the unit of the socket, and the socket's path.
std::string install_unit(const testing::Scratch& scratch) {
  ::unsetenv("TACIT_SOCKET");
  const std::string runtime = scratch.path() + "/XDG_RUNTIME_DIR";
  const std::string units = scratch.path() + "/XDG_CONFIG_HOME/systemd/user";
  std::filesystem::create_directories(runtime + "/systemd");
  std::filesystem::create_directories(units);
  std::filesystem::create_directory(runtime + "/tacit");
  ::chmod((runtime + "/tacit").c_str(), 0700);
  std::ofstream(runtime + "/systemd/private") << "no socket";
  std::ofstream(units + "/tacitd.socket") << "[Socket]\n";
  return runtime + "/tacit/tacit.sock";
}

/// Listens on `path`, as a service manager does.
int listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd, 1), 0);
  return fd;
}

TEST_F(Start, ALostSocketFileIsSaidWithItsCure) {
  const std::string socket = install_unit(scratch_);
  const int manager = listen_on(socket);
  EXPECT_TRUE(is_listened_on(socket));
  ASSERT_EQ(::unlink(socket.c_str()), 0);
  EXPECT_TRUE(is_listened_on(socket)) << "the file is gone, the socket is not";
  ::setenv("TACIT_AUTOSTART", "0", 1);
  const auto status = Client().status();
  EXPECT_EQ(status.error().code, Reason::kNoDaemon);
  EXPECT_THAT(status.error().message, HasSubstr("systemctl --user restart tacitd.socket"));
  ::close(manager);
  EXPECT_FALSE(is_listened_on(socket));
  ::unsetenv("TACIT_AUTOSTART");
  EXPECT_TRUE(Client().status().ok()) << "no manager restarts it here, so that one starts itself";
}

TEST_F(Start, WithoutTheUnitNothingIsSaidOfIt) {
  ::setenv("TACIT_AUTOSTART", "0", 1);
  EXPECT_THAT(Client().status().error().message, Not(HasSubstr("systemctl")));
}

TEST_F(Start, WorksWithoutAPlaceForTheLock) {
  ::setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
  EXPECT_TRUE(Client().status().ok());
}

}  // namespace
}  // namespace tacit
