// The real tacitd in a scratch home.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/harness/child_process.h"
#include "tests/integration/harness/home.h"

namespace tacit::test {

struct DaemonOptions {
  std::string program = TACIT_TEST_DAEMON;
  /// Put before the daemon's own command line, for instance `/usr/bin/prlimit --nofile=256`.
  /// Each of them ends in an exec, so that the process is the daemon's.
  std::vector<std::string> launcher;
  std::vector<std::string> arguments;
  /// Over those of the home; an empty value unsets.
  std::map<std::string, std::string> environment;
  /// A listening socket to hand over, as a service manager does (sd_listen_fds(3)); -1: none.
  int activated_socket = -1;
};

/// Runs from its readiness to the end of this object, which stops it by SIGTERM and holds that it
/// exits with 0: a sanitizer's finding fails the test that way, too.
class DaemonProcess {
 public:
  /// Waits for readiness (--ready-fd). Throws std::runtime_error with the daemon's own words when
  /// it gives up instead.
  explicit DaemonProcess(const Home& home, const DaemonOptions& options = {});
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  pid_t pid() const { return child_.pid(); }
  void signal(int number) const { child_.signal(number); }
  bool running() { return child_.running(); }
  std::string log() const { return child_.output(); }
  /// How many it has open. None: only root may look, for the daemon lets itself not be traced.
  std::optional<std::size_t> descriptors() const;
  /// Fails the test if it still runs after half a minute.
  Exit wait();
  /// SIGTERM and `wait`.
  Exit stop();
  /// kill -9, as a crash would end it.
  void kill_hard();

 private:
  ChildProcess child_;
  bool ended_ = false;
};

/// Starts a daemon that is expected to refuse, and gives back how it ended.
Exit start_refused(const Home& home, const DaemonOptions& options = {});

/// `unshare --mount` and a shell that runs `commands` (mount ...) before the daemon.
std::vector<std::string> with_mounts(const std::string& commands);
/// Why the test cannot mount here; empty if it can.
std::string why_no_mounts();

}  // namespace tacit::test
