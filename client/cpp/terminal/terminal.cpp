#include "client/cpp/terminal/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/secret_buffer.h"
#include "client/cpp/terminal/write_all.h"

namespace tacit {
namespace {

using Clock = std::chrono::steady_clock;

// A terminal in canonical mode hands over at most this many bytes of a line (n_tty: 4,096 with
// the newline) and silently drops the rest.
constexpr std::size_t kLongestLine = 4095;
constexpr std::size_t kMostLines = 768 * 1024;

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
// These come at any time, so they are let in only while ppoll(2) waits: one that came between
// the look at `caught_signal` and the wait would go unseen. The terminal's own two answer a call
// of ours, and must not be blocked: read(2) would fail with EIO.
constexpr std::array kHeldBack = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// A signal handler reaches nothing but statics. Written by the handler, read by Prompting.
volatile std::sig_atomic_t caught_signal = 0;

// The thread that asks: it alone waits where a signal can be seen in time.
volatile std::sig_atomic_t asking_thread = 0;

std::sig_atomic_t this_thread() { return static_cast<std::sig_atomic_t>(::syscall(SYS_gettid)); }

extern "C" void note_signal(int number) {
  const int before = errno;
  if (this_thread() == asking_thread) {
    caught_signal = number;
  } else {
    ::syscall(SYS_tgkill, ::getpid(), asking_thread, number);
  }
  errno = before;
}

bool stops(int number) { return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU; }

/// While it lives: signals are noted instead of acted on, and the terminal echoes or not.
class Prompting {
 public:
  Prompting(int fd, bool echo) : fd_(fd) {
    caught_signal = 0;
    asking_thread = this_thread();
    sigset_t held_back;
    sigemptyset(&held_back);
    for (const int number : kHeldBack) sigaddset(&held_back, number);
    pthread_sigmask(SIG_BLOCK, &held_back, &mask_before_);
    // Also what this thread left to others: they hand it on.
    while_waiting_ = mask_before_;
    for (const int number : kSignals) sigdelset(&while_waiting_, number);
    struct sigaction note {};
    note.sa_handler = note_signal;  // no SA_RESTART: read(2) returns
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &note, nullptr);
    }
    if (tcgetattr(fd_, &terminal_before_) != 0) return;
    terminal_known_ = true;
    termios quiet = terminal_before_;
    quiet.c_lflag |= ICANON | ISIG;
    if (!echo) quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    // Not TCSAFLUSH with echo: what was typed ahead is visible anyway and may be the answer.
    tcsetattr(fd_, echo ? TCSADRAIN : TCSAFLUSH, &quiet);
  }
  ~Prompting() {
    if (terminal_known_) tcsetattr(fd_, TCSADRAIN, &terminal_before_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  Prompting(const Prompting&) = delete;
  Prompting& operator=(const Prompting&) = delete;

  enum class Wait { kInput, kOver, kError };

  /// Waits for input, a signal (kError with errno EINTR), `deadline` or `wake_fd` (kOver).
  Wait wait(const std::optional<Clock::time_point>& deadline, int wake_fd) const {
    // A descriptor below 0 is passed over.
    std::array<pollfd, 2> what{pollfd{fd_, POLLIN, 0}, pollfd{wake_fd, POLLIN, 0}};
    timespec left{};
    if (deadline) {
      const auto time = std::max(*deadline - Clock::now(), Clock::duration::zero());
      const auto whole = std::chrono::floor<std::chrono::seconds>(time);
      left.tv_sec = static_cast<time_t>(whole.count());
      left.tv_nsec = static_cast<long>(std::chrono::nanoseconds(time - whole).count());
    }
    const int ready = ppoll(what.data(), what.size(), deadline ? &left : nullptr, &while_waiting_);
    if (ready < 0) return Wait::kError;
    return ready == 0 || what[1].revents != 0 ? Wait::kOver : Wait::kInput;
  }

 private:
  int fd_;
  std::array<struct sigaction, kSignals.size()> before_{};
  sigset_t mask_before_{};
  sigset_t while_waiting_{};
  termios terminal_before_{};
  bool terminal_known_ = false;
};

enum class Outcome { kDone, kEnd, kSignal, kOver, kTooLong, kError };

template <class Wait>
Outcome read_answer(Wait wait, int fd, bool many_lines, SecretBuffer& answer) {
  std::size_t line_start = 0;
  for (;;) {
    const auto room = answer.reserve(kLongestLine + 1);
    if (caught_signal != 0) return Outcome::kSignal;
    const Prompting::Wait waited = wait();
    if (waited == Prompting::Wait::kOver) return Outcome::kOver;
    const ssize_t got =
        waited == Prompting::Wait::kInput ? ::read(fd, room.data(), kLongestLine + 1) : -1;
    if (caught_signal != 0) return Outcome::kSignal;
    if (got < 0) {
      if (errno == EINTR) continue;
      return Outcome::kError;
    }
    if (got == 0) {  // Ctrl-D on an empty line
      return many_lines || answer.size() > line_start ? Outcome::kDone : Outcome::kEnd;
    }
    answer.commit(static_cast<std::size_t>(got));
    if (answer.size() - line_start > kLongestLine ||
        (answer.size() - line_start == kLongestLine && answer.bytes().back() != '\n')) {
      return Outcome::kTooLong;
    }
    if (answer.bytes().back() == '\n') {
      if (!many_lines) return Outcome::kDone;
      line_start = answer.size();
    }
    if (answer.size() > kMostLines) return Outcome::kTooLong;
  }
}

bool is_null_device(int fd) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return true;
  struct stat null_device {};
  return S_ISCHR(facts.st_mode) && stat("/dev/null", &null_device) == 0 &&
         facts.st_rdev == null_device.st_rdev;
}

}  // namespace

std::string_view hindrance(const PromptFacts& facts) noexcept {
  if (facts.refused) return "run it without --no-input and TACIT_NO_INPUT, which forbid to ask";
  if (!facts.terminal) return "run this on a terminal";
  if (!facts.foreground) {
    return "run this in the foreground of its terminal: it is in the background, where `timeout` "
           "puts a command unless it is given --foreground";
  }
  if (!facts.stderr_terminal) {
    return "leave standard error on the terminal, where a question would be seen";
  }
  if (facts.stdin_is_null) {
    return "give it another standard input than /dev/null, which says that nobody attends";
  }
  return {};
}

bool input_refused(bool no_input) noexcept {
  const char* setting = std::getenv("TACIT_NO_INPUT");
  return no_input || (setting != nullptr && *setting != '\0');
}

Result<Terminal> Terminal::open(bool no_input) {
  PromptFacts facts;
  facts.refused = input_refused(no_input);
  Terminal terminal(facts.refused ? -1 : ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.fd_ >= 0) {
    facts.terminal = true;
    facts.foreground = tcgetpgrp(terminal.fd_) == getpgrp();
    facts.stderr_terminal = isatty(STDERR_FILENO) == 1;
    facts.stdin_is_null = is_null_device(STDIN_FILENO);
  }
  if (const auto why = hindrance(facts); !why.empty()) {
    return Error{Reason::kNoPrompter, std::string(why)};
  }
  return terminal;
}

Terminal::Terminal(Terminal&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), deadline_(other.deadline_), wake_fd_(other.wake_fd_) {}

Terminal::~Terminal() {
  if (fd_ >= 0) ::close(fd_);
}

void Terminal::wait_until(std::optional<Clock::time_point> deadline, int wake_fd) {
  deadline_ = deadline;
  wake_fd_ = wake_fd;
}

void Terminal::forget_typed_ahead() { tcflush(fd_, TCIFLUSH); }

void Terminal::say(std::string_view text) { say(as_bytes(text)); }

void Terminal::say(std::span<const unsigned char> text) {
  (void)write_all(fd_, text, "the terminal");
}

Result<SecretBytes> Terminal::ask(std::string_view question, bool echo, bool many_lines) {
  for (;;) {
    SecretBuffer answer;
    Outcome outcome;
    {
      const Prompting prompting(fd_, echo);
      say(question);
      outcome =
          read_answer([&] { return prompting.wait(deadline_, wake_fd_); }, fd_, many_lines, answer);
      if (!echo || outcome != Outcome::kDone) say("\n");
    }
    switch (outcome) {
      case Outcome::kDone: {
        SecretBytes bytes = answer.take();
        if (!many_lines && !bytes.empty() && bytes.bytes().back() == '\n') {
          bytes.truncate(bytes.size() - 1);
        }
        return bytes;
      }
      case Outcome::kSignal: {
        const int number = caught_signal;
        kill(getpid(), number);  // its own action now, which ends or stops the process
        if (stops(number)) continue;
        return Error{Reason::kCancelled, "interrupted; nothing was done"};
      }
      case Outcome::kEnd:
        return Error{Reason::kCancelled, "no answer (end of input); nothing was done"};
      case Outcome::kOver:
        tcflush(fd_, TCIFLUSH);
        return Error{Reason::kTimeout, "no answer came in time; nothing was done"};
      case Outcome::kTooLong:
        tcflush(fd_, TCIFLUSH);
        return Error{Reason::kInvalidArgument,
                     "too long to be typed: a terminal passes on lines of at most 4,094 bytes; "
                     "use standard input or a file"};
      case Outcome::kError:
        return Error{Reason::kIoError,
                     std::string("cannot read from the terminal: ") + std::strerror(errno)};
    }
  }
}

Result<SecretBytes> Terminal::ask_secret(std::string_view question) {
  return ask(question, false, false);
}

Result<SecretBytes> Terminal::ask_secret_lines(std::string_view question) {
  return ask(question, false, true);
}

Result<SecretBytes> Terminal::ask_line(std::string_view question) {
  return ask(question, true, false);
}

Result<bool> Terminal::confirm(std::string_view question, bool by_default) {
  const std::string text = std::string(question) + (by_default ? " [Y/n] " : " [y/N] ");
  for (;;) {
    auto answer = ask_line(text);
    if (!answer.ok()) return answer.error();
    const auto typed = answer->bytes();
    if (typed.empty()) return by_default;
    if (typed[0] == 'y' || typed[0] == 'Y') return true;
    if (typed[0] == 'n' || typed[0] == 'N') return false;
  }
}

}  // namespace tacit
