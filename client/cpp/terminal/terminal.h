// Asking the user, on the terminal and only where somebody can answer.
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// What decides whether there is somebody to ask.
struct PromptFacts {
  bool refused = false;          ///< --no-input or TACIT_NO_INPUT
  bool terminal = false;         ///< /dev/tty opens
  bool foreground = false;       ///< we are its foreground process group
  bool stderr_terminal = false;  ///< messages are seen
  bool stdin_is_null = false;    ///< standard input is /dev/null, or closed
};

/// By `no_input`, or a TACIT_NO_INPUT that is not empty: nobody is asked, on no terminal and in no
/// window.
bool input_refused(bool no_input) noexcept;

/// What stands in the way of asking, and what to do about it, to follow `; or`; empty: nothing.
/// Standard output does not matter, so that `$(tacit get X)` asks; whatever runs unattended
/// (pip, cron, a job in the background) fails a test above and is never kept waiting.
std::string_view hindrance(const PromptFacts& facts) noexcept;

/// The controlling terminal. Everything typed goes by read(2) into wiped memory; the terminal's
/// own line editing (erase, kill) works.
/// Threads: one object at a time in a process, used by one thread. While a question stands, the
/// process's handlers of SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN and SIGTTOU are
/// replaced (but for those that ignore), and put back after it. Whichever thread such a signal
/// comes to, it ends the question and is raised again for the handler that was there.
class Terminal {
 public:
  /// Error kNoPrompter where nobody can be asked: its message is the hindrance.
  static Result<Terminal> open(bool no_input);
  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// From now on an answer is waited for until `deadline` (none: for ever), or `wake_fd` is
  /// readable (-1: none). Both end it with kTimeout.
  void wait_until(std::optional<std::chrono::steady_clock::time_point> deadline, int wake_fd);
  /// Drops what was typed before the question was to be seen.
  void forget_typed_ahead();

  /// One line without echo. Errors: kCancelled, end of input (Ctrl-D) instead of a line;
  /// kInvalidArgument, a line longer than a terminal can pass on; kTimeout, see above. On SIGINT,
  /// SIGTERM, SIGHUP and SIGQUIT the terminal is restored and the signal raised again, as if never
  /// caught.
  Result<SecretBytes> ask_secret(std::string_view question);
  /// Lines without echo up to Ctrl-D on an empty line.
  Result<SecretBytes> ask_secret_lines(std::string_view question);
  /// One line with echo.
  Result<SecretBytes> ask_line(std::string_view question);
  /// `question [Y/n]`; Enter alone is `by_default`.
  Result<bool> confirm(std::string_view question, bool by_default);

  void say(std::string_view text);
  void say(std::span<const unsigned char> text);

 private:
  explicit Terminal(int fd) : fd_(fd) {}
  Result<SecretBytes> ask(std::string_view question, bool echo, bool many_lines);

  int fd_ = -1;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  int wake_fd_ = -1;
};

}  // namespace tacit
