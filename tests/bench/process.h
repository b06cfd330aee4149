// Programs started by the benches: short ones that are timed, long ones that serve.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace tacit::bench {

using Strings = std::vector<std::string>;

/// Runs a program by posix_spawn with stdin, stdout and stderr on /dev/null and waits for it.
/// `argv[0]` is a path. Returns the time from spawn to exit in microseconds.
/// Throws std::runtime_error if it cannot be started or exits other than 0.
double time_process_us(const Strings& argv, const Strings& environment);

/// The same untimed: what it wrote to stdout.
std::string output_of(const Strings& argv, const Strings& environment);

/// A serving program, killed with this object and, by the kernel, with this process.
/// It says that it serves through $NOTIFY_SOCKET (sd_notify(3): READY=1).
class Server {
 public:
  /// Starts it and waits for READY=1. `scratch` takes the notification socket and, in
  /// `servers.log`, what it writes to stderr. Throws
  /// std::runtime_error if it exits before, or says nothing for 20 s.
  Server(const Strings& argv, const Strings& environment, const std::string& scratch);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  pid_t pid() const noexcept { return pid_; }
  /// SIGTERM and wait. Throws std::runtime_error unless it exits 0 within 20 s.
  void stop();

 private:
  pid_t pid_ = -1;
};

/// Resident memory of a process in KiB (VmRSS of proc(5)). Throws std::runtime_error.
double resident_kib(pid_t pid);

/// Runs `work(index)` in `count` forked processes at once for `seconds`, told by the flag they
/// are handed; returns the sum of what they return. Throws std::runtime_error if one fails.
/// `work` must open its own connection and run until `*stop`.
double sum_of_processes(int count, double seconds,
                        double (*work)(int index, const volatile bool* stop, void* context),
                        void* context);

}  // namespace tacit::bench
