#include "cli/pinentry/child.h"

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
#include <ctime>
#include <utility>

namespace tacit::cli {
namespace {

using std::chrono::milliseconds;

void close_if_open(int& fd) {
  if (fd >= 0) ::close(std::exchange(fd, -1));
}

/// Rounded up, so that a wait never ends before its time; at least 0.
int milliseconds_until(Clock::time_point when) {
  const auto left = std::chrono::ceil<milliseconds>(when - Clock::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, INT_MAX));
}

Child::Wait wait_for(int fd, short events, Clock::time_point deadline, int wake_fd) {
  for (;;) {
    std::array<pollfd, 2> entries{{{fd, events, 0}, {wake_fd, POLLIN, 0}}};
    const int ready = ::poll(entries.data(), entries.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) return Child::Wait::kGone;
    if (ready > 0 && entries[1].revents != 0) return Child::Wait::kWoken;
    if (ready > 0) return Child::Wait::kReady;
    if (ready == 0 && Clock::now() >= deadline) return Child::Wait::kTimedOut;
  }
}

/// While it lives, this thread's writes to a closed pipe fail instead of ending the process.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    const timespec at_once{};
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (int& end : ends) close_if_open(end);
  }
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
};

/// What posix_spawn(3) is to do. Freed as it should be.
struct SpawnPlan {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  SpawnPlan(int input, int output, bool own_group) {
    posix_spawn_file_actions_init(&actions);
    // Descriptors of ours are above 2 (cli/standard_descriptors), so none is overwritten early.
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
};

Error cannot_start(const std::string& program, int error) {
  return {Reason::kIoError, "cannot start " + program + ": " + std::strerror(error)};
}

}  // namespace

std::vector<std::string> window_environment() {
  constexpr std::array<std::string_view, 21> kNames = {"DISPLAY=",     "WAYLAND_DISPLAY=",
                                                       "XAUTHORITY=",  "DBUS_SESSION_BUS_ADDRESS=",
                                                       "HOME=",        "USER=",
                                                       "LOGNAME=",     "PATH=",
                                                       "SHELL=",       "LANG=",
                                                       "LANGUAGE=",    "TERM=",
                                                       "TERMINFO=",    "TERMINFO_DIRS=",
                                                       "COLORTERM=",   "DESKTOP_SESSION=",
                                                       "TZ=",          "TMPDIR=",
                                                       "GPG_TTY=",     "PINENTRY_USER_DATA=",
                                                       "INSIDE_EMACS="};
  constexpr std::array<std::string_view, 8> kFamilies = {"LC_", "XDG_", "GTK_",   "GDK_",
                                                         "QT_", "KDE_", "GNOME_", "XCURSOR_"};
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto starts = [&](std::string_view name) { return text.starts_with(name); };
    if (std::ranges::any_of(kNames, starts) || std::ranges::any_of(kFamilies, starts)) {
      kept.emplace_back(text);
    }
  }
  return kept;
}

Result<Child> Child::start(const std::string& program, const std::vector<std::string>& environment,
                           bool own_group) {
  Pipe to;
  Pipe from;
  if (!to.open() || !from.open()) return cannot_start(program, errno);
  // Ours never block: poll(2) waits, up to a deadline.
  ::fcntl(to.ends[1], F_SETFL, O_NONBLOCK);
  ::fcntl(from.ends[0], F_SETFL, O_NONBLOCK);

  const SpawnPlan plan(to.ends[0], from.ends[1], own_group);
  std::vector<char*> variables;
  for (const std::string& entry : environment)
    variables.push_back(const_cast<char*>(entry.c_str()));
  variables.push_back(nullptr);
  std::array<char*, 2> arguments{const_cast<char*>(program.c_str()), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                                  arguments.data(), variables.data());
  if (error != 0) return cannot_start(program, error);
  // Not reaped by anybody else, so the number is still its own.
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  return Child(pid, pidfd, std::exchange(to.ends[1], -1), std::exchange(from.ends[0], -1),
               own_group);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)),
      own_group_(other.own_group_) {}

Child::~Child() {
  if (pid_ > 0) end(milliseconds(0));
}

Child::Wait Child::write(std::string_view bytes, Clock::time_point deadline, int wake_fd) {
  const NoBrokenPipe quiet;
  while (!bytes.empty()) {
    const ssize_t written = ::write(to_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      const Wait waited = wait_for(to_, POLLOUT, deadline, wake_fd);
      if (waited != Wait::kReady) return waited;
    } else if (errno != EINTR) {
      return Wait::kGone;
    }
  }
  return Wait::kReady;
}

Child::Wait Child::read_into(AssuanLines& lines, Clock::time_point deadline, int wake_fd) {
  const auto room = lines.room();
  for (;;) {
    const Wait waited = wait_for(from_, POLLIN, deadline, wake_fd);
    if (waited != Wait::kReady) return waited;
    const ssize_t got = ::read(from_, room.data(), room.size());
    if (got > 0) {
      lines.filled(static_cast<std::size_t>(got));
      return Wait::kReady;
    }
    if (got == 0 || (errno != EINTR && errno != EAGAIN)) return Wait::kGone;
  }
}

bool Child::exited_within(milliseconds time) const {
  const auto deadline = Clock::now() + time;
  if (pidfd_ < 0) return false;
  return wait_for(pidfd_, POLLIN, deadline, -1) == Wait::kReady;
}

void Child::signal(int number) const { ::kill(own_group_ ? -pid_ : pid_, number); }

bool Child::end(milliseconds grace) {
  constexpr milliseconds kTermination{1000};
  if (pid_ <= 0) return true;
  close_if_open(to_);
  close_if_open(from_);
  const bool by_itself = exited_within(grace);
  if (!by_itself) {
    signal(SIGTERM);
    if (!exited_within(kTermination)) signal(SIGKILL);
  }
  // What it started and left behind; the group lives as long as the leader is not reaped.
  if (own_group_) signal(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  close_if_open(pidfd_);
  return by_itself;
}

}  // namespace tacit::cli
