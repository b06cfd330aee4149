#include "cli/pinentry/pinentry.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

namespace tacit::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = WindowAnswer::Kind;

// libgpg-error's codes, without their source: pinentry's own is 5 << 24.
constexpr std::uint32_t kCodeMask = 0xffff;
constexpr std::uint32_t kTimeout = 83886142 & kCodeMask;
constexpr std::uint32_t kCancelled = 83886179 & kCodeMask;
constexpr std::uint32_t kNotConfirmed = 83886194 & kCodeMask;
constexpr std::uint32_t kFullyCancelled = 198;  // the window was closed

constexpr std::size_t kLongestAnswer = 64 * 1024;
constexpr int kMostSideLines = 1000;  // status and comments before an answer

/// What the server said to one command.
struct Reply {
  std::optional<Kind> end;  ///< set: no answer came
  std::string failure;      ///< with kFailed
  std::uint32_t error = 0;  ///< of `ERR`; 0: `OK`
  SecretBytes data;
  bool repeated = false;  ///< the user typed it twice
};

Reply failed(std::string how) {
  Reply reply;
  reply.end = Kind::kFailed;
  reply.failure = std::move(how);
  return reply;
}

/// Keeps a terminal as it was, for a pinentry that is killed while it has echo switched off.
class TerminalState {
 public:
  explicit TerminalState(const std::string& path) {
    if (path.empty()) return;
    fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY);
    known_ = fd_ >= 0 && tcgetattr(fd_, &state_) == 0;
  }
  TerminalState(const TerminalState&) = delete;
  TerminalState& operator=(const TerminalState&) = delete;
  ~TerminalState() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_terminal() const { return known_; }
  void restore() {
    if (!known_) return;
    sigset_t output;  // as a job in the background it would be stopped for this
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &output, &before);
    tcsetattr(fd_, TCSAFLUSH, &state_);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

 private:
  int fd_ = -1;
  termios state_{};
  bool known_ = false;
};

class Conversation {
 public:
  explicit Conversation(const PinentrySetup& setup, Child child)
      : setup_(setup), child_(std::move(child)) {}

  Reply greeting() { return read_reply(soon()); }
  /// One command that pinentry answers at once.
  Reply say(std::string_view verb, std::string_view text) {
    return exchange(assuan_command(verb, text), soon());
  }
  /// One that waits for the user.
  Reply ask(std::string_view verb, Clock::time_point until) {
    return exchange(std::string(verb) + "\n", until + setup_.patience);
  }
  /// Ends the process. True: it went by itself.
  bool close(bool politely) {
    if (politely) (void)child_.write("BYE\n", soon(), setup_.wake_fd);
    return child_.end(politely ? milliseconds(2000) : milliseconds(0));
  }

 private:
  Clock::time_point soon() const { return Clock::now() + setup_.patience; }

  static std::optional<Reply> stopped(Child::Wait waited) {
    switch (waited) {
      case Child::Wait::kReady:
        return {};
      case Child::Wait::kWoken: {
        Reply reply;
        reply.end = Kind::kWoken;
        return reply;
      }
      case Child::Wait::kTimedOut:
        return failed("pinentry does not answer");
      case Child::Wait::kGone:
        break;
    }
    return failed("pinentry died");
  }

  Reply exchange(const std::string& line, Clock::time_point deadline) {
    if (lines_.waiting()) return failed("pinentry answered before it was asked");
    if (auto stop = stopped(child_.write(line, deadline, setup_.wake_fd))) {
      return std::move(*stop);
    }
    return read_reply(deadline);
  }

  Reply read_reply(Clock::time_point deadline) {
    SecretBuffer data;
    bool repeated = false;
    for (int side_lines = 0;;) {
      const auto text = lines_.next();
      if (!text) {
        if (lines_.too_long()) return failed("pinentry sent a line without end");
        if (auto stop = stopped(child_.read_into(lines_, deadline, setup_.wake_fd))) {
          return std::move(*stop);
        }
        continue;
      }
      const AssuanLine line = parse_assuan(*text);
      switch (line.kind) {
        case AssuanLine::Kind::kOk:
        case AssuanLine::Kind::kError: {
          Reply reply;
          reply.error = line.kind == AssuanLine::Kind::kOk ? 0 : std::max(line.code, 1U);
          reply.data = data.take();
          reply.repeated = repeated;
          return reply;
        }
        case AssuanLine::Kind::kData:
          if (!assuan_unescape(line.rest, data)) return failed("pinentry sent a broken escape");
          if (data.size() > kLongestAnswer) return failed("pinentry sent too long an answer");
          break;
        case AssuanLine::Kind::kStatus:
          repeated = repeated || std::ranges::equal(line.rest, std::string_view("PIN_REPEATED"));
          [[fallthrough]];
        case AssuanLine::Kind::kIgnore:
          if (++side_lines > kMostSideLines) return failed("pinentry never comes to the point");
          break;
        case AssuanLine::Kind::kOther:
          return failed("pinentry sent what is no answer");
      }
    }
  }

  const PinentrySetup& setup_;
  Child child_;
  AssuanLines lines_;
};

WindowAnswer only(Kind kind, std::string failure = {}) {
  return {kind, SecretBytes(), std::move(failure)};
}

WindowAnswer answer_of(Reply reply) {
  if (reply.end) return only(*reply.end, std::move(reply.failure));
  switch (reply.error & kCodeMask) {
    case kTimeout:
      return only(Kind::kTimedOut);
    case kCancelled:
    case kFullyCancelled:
      return only(Kind::kCancelled);
    case kNotConfirmed:
      return only(Kind::kNotOk);
    default:
      break;
  }
  if (reply.error != 0) {
    return only(Kind::kFailed, "pinentry failed with error " + std::to_string(reply.error));
  }
  return {Kind::kOk, std::move(reply.data), {}};
}

std::string locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

/// Whole seconds, at least one, for SETTIMEOUT: there 0 is never.
std::string seconds_left(Clock::time_point until) {
  const auto left = std::chrono::ceil<seconds>(until - Clock::now()).count();
  return std::to_string(std::max<seconds::rep>(left, 1));
}

/// Greeting, options and texts. An answer: it came to nothing.
std::optional<WindowAnswer> prepare(Conversation& talk, const PinentrySetup& setup,
                                    const Window& window) {
  if (Reply hello = talk.greeting(); hello.end) return answer_of(std::move(hello));
  const char* const type = std::getenv("TERM");
  const auto option = [&](const char* name, const std::string& value) {
    return std::pair<const char*, std::string>("OPTION", value.empty() ? "" : name + ("=" + value));
  };
  // What some pinentry does not know it refuses, and goes on.
  for (const auto& [verb, text] : {
           option("ttyname", setup.terminal),
           option("ttytype", setup.terminal.empty() || type == nullptr ? "" : type),
           option("lc-ctype", locale()),
           {"SETTIMEOUT", seconds_left(window.until)},
           {"SETTITLE", window.title},
           {"SETDESC", window.description},
           {"SETPROMPT", window.prompt},
           {"SETOK", window.ok},
           {"SETNOTOK", window.not_ok},
           {"SETCANCEL", window.cancel},
           {"SETERROR", window.error},
       }) {
    if (text.empty()) continue;
    if (Reply reply = talk.say(verb, text); reply.end) return answer_of(std::move(reply));
  }
  return {};
}

/// `GETPIN`, and again where pinentry itself did not ask twice.
WindowAnswer get_text(Conversation& talk, const Window& window, bool repeat) {
  if (repeat) {
    if (Reply reply = talk.say("SETREPEAT", "The same again:"); reply.end) {
      return answer_of(std::move(reply));
    }
    (void)talk.say("SETREPEATERROR", "These two are not the same");
  }
  Reply first = talk.ask("GETPIN", window.until);
  const bool twice = first.repeated;
  WindowAnswer answer = answer_of(std::move(first));
  if (answer.kind != Kind::kOk || answer.text.empty() || !repeat || twice) return answer;
  (void)talk.say("SETPROMPT", "The same again:");
  WindowAnswer second = answer_of(talk.ask("GETPIN", window.until));
  if (second.kind != Kind::kOk) return second;
  if (!std::ranges::equal(answer.text.bytes(), second.text.bytes())) {
    (void)talk.say("SETPROMPT", window.prompt);
    return {Kind::kOk, SecretBytes(), "These two are not the same, try again"};
  }
  return answer;
}

WindowAnswer ask_until_there(Conversation& talk, const Window& window, bool repeat) {
  constexpr int kTries = 3;
  for (int attempt = 1;; ++attempt) {
    WindowAnswer answer = get_text(talk, window, repeat);
    if (answer.kind != Kind::kOk || !answer.text.empty()) return answer;
    if (attempt == kTries) return only(Kind::kCancelled, "nothing was typed");
    const std::string error =
        answer.failure.empty() ? "Nothing was typed, try again" : answer.failure;
    if (Reply reply = talk.say("SETERROR", error); reply.end) return answer_of(std::move(reply));
  }
}

template <class Ask>
WindowAnswer with_pinentry(const PinentrySetup& setup, const Window& window, Ask ask) {
  TerminalState before(setup.terminal);
  if (!setup.terminal.empty() && !before.is_terminal()) {
    return only(Kind::kFailed, setup.terminal + " is no terminal that can be used");
  }
  auto child = Child::start(setup.program, window_environment(), setup.terminal.empty());
  if (!child.ok()) return only(Kind::kFailed, child.error().message);
  Conversation talk(setup, std::move(*child));
  auto stopped = prepare(talk, setup, window);
  WindowAnswer answer = stopped ? std::move(*stopped) : ask(talk);
  const bool politely = answer.kind != Kind::kFailed && answer.kind != Kind::kWoken;
  if (!talk.close(politely)) before.restore();
  return answer;
}

}  // namespace

WindowAnswer ask_text(const PinentrySetup& setup, const Window& window, bool repeat) {
  return with_pinentry(setup, window,
                       [&](Conversation& talk) { return ask_until_there(talk, window, repeat); });
}

WindowAnswer ask_choice(const PinentrySetup& setup, const Window& window) {
  return with_pinentry(setup, window, [&](Conversation& talk) {
    return answer_of(talk.ask("CONFIRM", window.until));
  });
}

WindowAnswer show_message(const PinentrySetup& setup, const Window& window) {
  return with_pinentry(setup, window, [&](Conversation& talk) {
    return answer_of(talk.ask("MESSAGE", window.until));
  });
}

}  // namespace tacit::cli
