#include "client/cpp/channel/detach.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tacit {
namespace {

/// fork(2) without the C library's handlers. Without an exit signal the parent's SIGCHLD handler
/// and its waits for any child see nothing.
pid_t raw_fork(unsigned long exit_signal) {
  return static_cast<pid_t>(::syscall(SYS_clone, exit_signal, nullptr, nullptr, nullptr, nullptr));
}

void close_from(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  const long limit = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < limit; ++fd) ::close(fd);
}

/// In the grandchild: only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, char* const* environment, int pipe_end,
                         int null_device) {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &plain, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Both are above kDetachedPipe, so that no dup2 hits its own source.
  for (int fd = 0; fd < kDetachedPipe; ++fd) ::dup2(null_device, fd);
  ::dup2(pipe_end, kDetachedPipe);
  close_from(kDetachedPipe + 1);
  ::umask(077);
  if (::chdir("/") == 0) ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
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
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(arguments[0]);
  FileDescriptor reader = raised(ends[0]);
  const FileDescriptor writer = raised(ends[1]);
  const FileDescriptor null_device = raised(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!reader || !writer || !null_device) return failed(arguments[0]);

  // A handler of the host must not run in the child before it has become another program.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = raw_fork(0);
  if (child == 0) {
    ::setsid();
    const pid_t grandchild = raw_fork(SIGCHLD);
    if (grandchild == 0) become(argv.data(), envp.data(), writer.get(), null_device.get());
    ::_exit(grandchild < 0 ? 1 : 0);
  }
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    errno = fork_error;
    return failed(arguments[0]);
  }
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
