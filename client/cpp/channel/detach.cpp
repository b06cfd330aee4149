#include "client/cpp/channel/detach.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "client/cpp/channel/raw_fork.h"

namespace tacit {
namespace {

/// In the grandchild: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, char* const* environment, int pipe_end,
                         int null_device) {
  sigset_t none;
  ::sigemptyset(&none);
  reset_signals(none);
  // Both are above kDetachedPipe, so that no dup2 hits its own source.
  for (int fd = 0; fd < kDetachedPipe; ++fd) ::dup2(null_device, fd);
  ::dup2(pipe_end, kDetachedPipe);
  close_from(kDetachedPipe + 1);
  ::umask(077);
  if (::chdir("/") == 0) ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

FileDescriptor raised(int fd) {
  const FileDescriptor low(fd);
  return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kDetachedPipe + 1));
}

Error failed(const std::string& program) {
  return {Reason::kNoDaemon,
          "cannot start " + program + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<FileDescriptor> run_detached(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& environment) {
  const std::vector<char*> argv = exec_pointers(arguments);
  const std::vector<char*> envp = exec_pointers(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(arguments[0]);
  FileDescriptor reader = raised(ends[0]);
  const FileDescriptor writer = raised(ends[1]);
  const FileDescriptor null_device = raised(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!reader || !writer || !null_device) return failed(arguments[0]);

  pid_t child = -1;
  {
    const AllSignalsBlocked blocked;
    child = raw_fork(0);
    if (child == 0) {
      ::setsid();
      const pid_t grandchild = raw_fork(SIGCHLD);
      if (grandchild == 0) become(argv.data(), envp.data(), writer.get(), null_device.get());
      ::_exit(grandchild < 0 ? 1 : 0);
    }
  }
  if (child < 0) return failed(arguments[0]);
  int status = 0;
  while (::waitpid(child, &status, __WALL) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    errno = EAGAIN;
    return failed(arguments[0]);
  }
  return reader;
}

}  // namespace tacit
