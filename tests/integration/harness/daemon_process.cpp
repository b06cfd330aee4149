#include "tests/integration/harness/daemon_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace tacit::test {
namespace {

constexpr std::chrono::seconds kPatience{30};

ChildProcess launch(const Home& home, const DaemonOptions& options, int ready_fd) {
  std::vector<std::string> argv = options.launcher;
  std::vector<int> inherited;
  if (options.activated_socket >= 0) {
    // The variable names the daemon's own process, which is the shell's until it execs.
    argv.insert(argv.end(), {"/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", "sh"});
    inherited.push_back(options.activated_socket);
  }
  argv.push_back(options.program);
  // A derivation as cheap as is allowed: no test is about its cost.
  argv.insert(argv.end(), {"--limit", "kdf_at_floor=1"});
  argv.insert(argv.end(), options.arguments.begin(), options.arguments.end());
  if (ready_fd >= 0) {
    argv.insert(argv.end(), {"--ready-fd", std::to_string(3 + inherited.size())});
    inherited.push_back(ready_fd);
  }
  auto environment = home.environment();
  for (const auto& [name, value] : options.environment) {
    if (value.empty()) {
      environment.erase(name);
    } else {
      environment[name] = value;
    }
  }
  return {argv, environment, inherited};
}

ChildProcess launch_ready(const Home& home, const DaemonOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  ChildProcess child = launch(home, options, ends[1]);
  close(ends[1]);
  pollfd readable{ends[0], POLLIN, 0};
  const int polled = poll(&readable, 1, static_cast<int>(kPatience / std::chrono::milliseconds(1)));
  char line[512];
  const ssize_t got = polled == 1 ? read(ends[0], line, sizeof line) : 0;
  close(ends[0]);
  const std::string_view answer(line, got > 0 ? static_cast<std::size_t>(got) : 0);
  if (answer == "ready\n") return child;
  child.wait(std::chrono::seconds(5));
  throw std::runtime_error(polled == 0 ? "the daemon did not get ready: " + child.output()
                                       : "the daemon gave up: " + child.output());
}

}  // namespace

DaemonProcess::DaemonProcess(const Home& home, const DaemonOptions& options)
    : child_(launch_ready(home, options)) {}

DaemonProcess::~DaemonProcess() {
  if (ended_) return;
  const Exit exit = stop();
  EXPECT_EQ(exit.code, 0) << "signal " << exit.signal << "\n" << exit.errors;
}

Exit DaemonProcess::wait() {
  auto exit = child_.wait(kPatience);
  if (!exit) {
    ADD_FAILURE() << "the daemon still runs: " << child_.output();
    child_.signal(SIGABRT);
    exit = child_.wait(kPatience);
  }
  ended_ = true;
  return exit.value_or(Exit{});
}

Exit DaemonProcess::stop() {
  child_.signal(SIGTERM);
  return wait();
}

void DaemonProcess::kill_hard() {
  child_.signal(SIGKILL);
  wait();
}

Exit start_refused(const Home& home, const DaemonOptions& options) {
  ChildProcess child = launch(home, options, -1);
  auto exit = child.wait(kPatience);
  EXPECT_TRUE(exit) << "the daemon started where it should have refused: " << child.output();
  return exit.value_or(Exit{});
}

std::optional<std::size_t> DaemonProcess::descriptors() const {
  std::error_code refused;
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid()) + "/fd", refused);
  if (refused) return std::nullopt;
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

std::vector<std::string> with_mounts(const std::string& commands) {
  return {"/usr/bin/unshare", "--mount", "/bin/sh", "-ec", commands + "; exec \"$@\"", "sh"};
}

std::string why_no_mounts() {
  auto argv = with_mounts("mount -t tmpfs -o size=64k none /mnt");
  argv.push_back("/bin/true");
  const Exit exit = run(argv, {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}});
  return exit.code == 0 ? "" : "a mount of its own is not permitted here: " + exit.errors;
}

}  // namespace tacit::test
