// What starting a program from within a host program takes: no handler of the host runs, and
// between fork and exec nothing is allocated or locked.
#pragma once
#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace tacit {

/// fork(2) without the C library's handlers. Without an exit signal (0) the parent's SIGCHLD
/// handler and its waits for any child see nothing; wait with __WALL.
pid_t raw_fork(unsigned long exit_signal);

/// In the child.
void close_from(int first);
/// In the child: signals do what they do by default, but for those in `stay_ignored` that were
/// ignored; none is blocked.
void reset_signals(const sigset_t& stay_ignored);

/// As execve(2) wants them; they live as long as `texts`.
std::vector<char*> exec_pointers(const std::vector<std::string>& texts);

/// Blocks every signal of this thread: a handler of the host must not run in a child before it has
/// become another program.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked();
  ~AllSignalsBlocked();
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace tacit
