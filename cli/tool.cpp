#include "cli/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

/// False: `deadline` came first.
bool readable_by(int fd, Clock::time_point deadline) {
  pollfd entry{fd, POLLIN, 0};
  for (;;) {
    const int ready = ::poll(&entry, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) return true;  // reading it tells what is wrong
  }
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

int spawn(const Tool& tool, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Descriptors of ours are above 2 (cli/standard_descriptors), so none is overwritten early.
  if (tool.input >= 0) {
    posix_spawn_file_actions_adddup2(&actions, tool.input, STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (output >= 0 && (fd == STDOUT_FILENO || tool.output == Tool::Output::kBoth)) {
      posix_spawn_file_actions_adddup2(&actions, output, fd);
    } else {
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    }
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> words{tool.program};
  words.insert(words.end(), tool.arguments.begin(), tool.arguments.end());
  const int error = ::posix_spawn(&pid, tool.program.c_str(), &actions, &attributes,
                                  pointers(words).data(), pointers(tool.environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int end_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<void> collect(int from, SecretBuffer& into, Clock::time_point deadline, std::size_t limit,
                     const std::string& program) {
  constexpr std::size_t kPart = 4096;
  while (readable_by(from, deadline)) {
    const auto room = into.reserve(kPart);
    const ssize_t got = ::read(from, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    into.commit(static_cast<std::size_t>(got));
    if (into.size() > limit) {
      return Error{Reason::kValueTooLarge, program + " gave more than can be taken"};
    }
  }
  return Error{Reason::kTimeout, program + " did not end in time"};
}

}  // namespace

Result<ToolEnd> run_tool(const Tool& tool, std::chrono::milliseconds patience, std::size_t limit) {
  const auto deadline = Clock::now() + patience;
  FileDescriptor from;
  FileDescriptor to;
  if (tool.output != Tool::Output::kNone) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return Error{Reason::kIoError, std::string("cannot make a pipe: ") + std::strerror(errno)};
    }
    from = FileDescriptor(ends[0]);
    to = FileDescriptor(ends[1]);
  }
  pid_t pid = -1;
  if (const int error = spawn(tool, to.get(), pid); error != 0) {
    return Error{Reason::kIoError, "cannot start " + tool.program + ": " + std::strerror(error)};
  }
  to.close();
  // Not reaped by anybody else, so the number is still its own.
  const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  SecretBuffer output;
  Result<void> collected;
  if (from) collected = collect(from.get(), output, deadline, limit, tool.program);
  if (collected.ok() && process && !readable_by(process.get(), deadline)) {
    collected = Error{Reason::kTimeout, tool.program + " did not end in time"};
  }
  if (!collected.ok()) ::kill(pid, SIGKILL);
  const int code = end_of(pid);
  if (!collected.ok()) return collected.error();
  return ToolEnd{code, output.take()};
}

std::vector<std::string> whole_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    all.emplace_back(*entry);
  }
  return all;
}

}  // namespace tacit::cli
