// Runs part of a test in a process of its own: what it does to itself (filters, limits,
// environment) ends with it.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace tacit {

/// The child's exit code, or 1000 + the signal that ended it. `body` returns the exit code; by
/// convention 0 is well and the line's number tells where it was not.
inline int run_in_child(const std::function<int()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace tacit

/// In a child: gives up with a number from 1 to 255 that tells the line.
#define REQUIRE_IN_CHILD(condition)              \
  do {                                           \
    if (!(condition)) return __LINE__ % 255 + 1; \
  } while (false)
