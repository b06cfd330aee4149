#include "cli/clipboard/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/write_all.h"
#include "tacit/paths.h"

namespace tacit::cli {
namespace {

using Hash = std::array<unsigned char, 32>;

/// A terminal's clipboard cannot be looked at. What Tacit copied to it last is told by a file that
/// holds a number alone, beside the socket; without a place for it, every copy is the last.
class LastCopy {
 public:
  explicit LastCopy(int terminal) {
    struct stat facts {};
    if (terminal < 0 || ::fstat(terminal, &facts) != 0) return;
    const auto places = socket_places(::getuid());
    const std::string folder = places.front().path.substr(0, places.front().path.rfind('/'));
    path_ = folder + "/copied-" + std::to_string(facts.st_rdev);
    number_ = std::to_string(::getpid()) + "." + std::to_string(::randombytes_random());
    const FileDescriptor file(
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || !write_all(file.get(), as_bytes(number_), path_).ok()) path_.clear();
  }
  bool is_ours() const {
    if (path_.empty()) return true;
    std::array<char, 64> text{};
    const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
    return size >= 0 && std::string_view(text.data(), static_cast<std::size_t>(size)) == number_;
  }
  void forget() const {
    if (!path_.empty() && is_ours()) ::unlink(path_.c_str());
  }

 private:
  std::string path_;
  std::string number_;
};

/// What tells it to end; blocked, and read as it waits.
sigset_t end_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) sigaddset(&ends, number);
  return ends;
}

/// False: there is nothing left to clear. `leader` is that of the terminal's session, or 0: once
/// that ends, so has the wait, for a terminal that is held open does not close.
bool wait_for_time(int terminal, pid_t leader, std::chrono::milliseconds time) {
  const FileDescriptor timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(time.count() / 1000);
  when.it_value.tv_nsec = static_cast<long>(time.count() % 1000 * 1'000'000);
  const sigset_t ends = end_signals();
  const FileDescriptor signals(::signalfd(-1, &ends, SFD_CLOEXEC));
  if (!timer || !signals || ::timerfd_settime(timer.get(), 0, &when, nullptr) != 0) return true;
  const FileDescriptor session(
      leader == 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, leader, 0)));
  std::array<pollfd, 4> entries{{{timer.get(), POLLIN, 0},
                                 {signals.get(), POLLIN, 0},
                                 {terminal, 0, 0},
                                 {session.get(), POLLIN, 0}}};
  while (::poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
  }
  return entries[2].revents == 0;
}

[[noreturn]] void keep(const Clipboard& clipboard, const Trace& trace, const LastCopy& last,
                       pid_t leader, std::chrono::milliseconds time) {
  ::signal(SIGTTOU, SIG_IGN);  // it writes to a terminal that is no longer its own
  if (wait_for_time(clipboard.terminal(), leader, time)) {
    if (!clipboard.readable()) {
      if (last.is_ours()) (void)clipboard.clear();
    } else if (const auto held = clipboard.read(); held.ok() && trace.is_of(*held)) {
      (void)clipboard.clear();
    }
  }
  last.forget();
  ::_exit(0);
}

/// Nothing of the caller's stays open, so that nobody waits for its end; but for the terminal.
void let_go_of(int kept) {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  constexpr unsigned kFirst = STDERR_FILENO + 1;
  if (kept < 0) {
    ::close_range(kFirst, ~0U, 0);
  } else {
    if (static_cast<unsigned>(kept) > kFirst) {
      ::close_range(kFirst, static_cast<unsigned>(kept) - 1, 0);
    }
    ::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
  }
  (void)!::chdir("/");
}

}  // namespace

Trace::Trace(const SecretBytes& value) {
  ::randombytes_buf(key_.data(), key_.size());
  hash_ = hash_of(value);
}

Hash Trace::hash_of(const SecretBytes& value) const {
  Hash hash{};
  ::crypto_generichash(hash.data(), hash.size(), value.bytes().data(), value.size(), key_.data(),
                       key_.size());
  return hash;
}

bool Trace::is_of(const SecretBytes& value) const {
  const Hash other = hash_of(value);
  return ::sodium_memcmp(other.data(), hash_.data(), hash_.size()) == 0;
}

Result<void> start_clipboard_keeper(const Clipboard& clipboard, const Trace& trace,
                                    std::chrono::milliseconds time) {
  const LastCopy last(clipboard.terminal());
  const pid_t session = clipboard.readable() ? 0 : ::getsid(0);
  const pid_t leader = session == ::getpid() ? 0 : session;
  // What hashing and encoding left of the value: the child has a copy of this stack.
  constexpr std::size_t kStack = std::size_t{256} * 1024;
  ::sodium_stackzero(kStack);
  // Before there is a process that they could end with the clipboard full.
  const sigset_t ends = end_signals();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &ends, &before);
  const pid_t child = ::fork();
  if (child != 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    return Error{Reason::kIoError, std::string("cannot start a process that clears the clipboard "
                                               "later: ") +
                                       std::strerror(errno) + "; clear it yourself"};
  }
  if (child == 0) {
    ::setsid();
    // A grandchild, which nobody has to wait for.
    if (::fork() != 0) ::_exit(0);
    let_go_of(clipboard.terminal());
    keep(clipboard, trace, last, leader, time);
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {};
}

}  // namespace tacit::cli
