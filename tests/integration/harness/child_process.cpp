#include "tests/integration/harness/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say that it is C
}

#include <csignal>
#include <system_error>
#include <utility>

namespace tacit::test {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& argv,
                           const std::map<std::string, std::string>& environment,
                           const std::vector<int>& inherited) {
  output_ = memfd_create("output", MFD_CLOEXEC);
  if (output_ < 0) fail(errno, "memfd_create");

  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment_pointers;
  for (auto& variable : variables) environment_pointers.push_back(variable.data());
  environment_pointers.push_back(nullptr);
  std::vector<std::string> arguments = argv;
  std::vector<char*> argument_pointers;
  for (auto& argument : arguments) argument_pointers.push_back(argument.data());
  argument_pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_, 1);
  posix_spawn_file_actions_adddup2(&actions, output_, 2);
  // First far away, then into place: a source may be one of the targets.
  constexpr int kFar = 500;
  for (std::size_t i = 0; i < inherited.size(); ++i) {
    posix_spawn_file_actions_adddup2(&actions, inherited[i], kFar + static_cast<int>(i));
  }
  for (std::size_t i = 0; i < inherited.size(); ++i) {
    posix_spawn_file_actions_adddup2(&actions, kFar + static_cast<int>(i), 3 + static_cast<int>(i));
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, 3 + static_cast<int>(inherited.size()));

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawn(&pid_, argument_pointers[0], &actions, &attributes,
                                argument_pointers.data(), environment_pointers.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    close(output_);
    fail(error, argv[0]);
  }
  pidfd_ = pidfd_open(pid_, 0);
  if (pidfd_ < 0) fail(errno, "pidfd_open");
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      output_(std::exchange(other.output_, -1)),
      status_(other.status_) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  if (!status_) {
    signal(SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  close(pidfd_);
  close(output_);
}

void ChildProcess::signal(int number) const {
  if (!status_) pidfd_send_signal(pidfd_, number, nullptr, 0);
}

std::optional<Exit> ChildProcess::wait(std::chrono::milliseconds longest) {
  if (!status_) {
    pollfd ended{pidfd_, POLLIN, 0};
    if (poll(&ended, 1, static_cast<int>(longest.count())) <= 0) return std::nullopt;
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) fail(errno, "waitpid");
    status_ = status;
  }
  Exit exit;
  if (WIFEXITED(*status_)) exit.code = WEXITSTATUS(*status_);
  if (WIFSIGNALED(*status_)) exit.signal = WTERMSIG(*status_);
  exit.errors = output();
  return exit;
}

bool ChildProcess::running() { return !wait(std::chrono::milliseconds(0)); }

std::string ChildProcess::output() const {
  struct stat facts {};
  if (fstat(output_, &facts) != 0) return {};
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  const ssize_t got = pread(output_, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

Exit run(const std::vector<std::string>& argv,
         const std::map<std::string, std::string>& environment) {
  ChildProcess child(argv, environment);
  auto exit = child.wait(std::chrono::minutes(1));
  EXPECT_TRUE(exit) << argv[0] << " still runs after a minute: " << child.output();
  return exit.value_or(Exit{});
}

}  // namespace tacit::test
