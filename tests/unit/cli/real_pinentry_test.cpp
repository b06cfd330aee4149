// The real pinentry-tty and pinentry-curses on a pseudo-terminal.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "cli/pinentry/pinentry.h"

namespace tacit::cli {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Kind = WindowAnswer::Kind;

std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

/// What somebody at the terminal does: waits for a text and then types.
struct Move {
  std::string sees;
  std::string types;
};

/// A pseudo-terminal with somebody at it.
class Desk {
 public:
  Desk() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), over_(eventfd(0, EFD_CLOEXEC)) {
    grantpt(master_);
    unlockpt(master_);
    name_ = ptsname(master_);
    slave_ = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() {
    leave();
    for (const int fd : {master_, slave_, over_}) close(fd);
  }

  void sit_down(std::vector<Move> moves, int wake_at_last = -1) {
    leave();
    eventfd_t drained = 0;
    const pollfd entry{over_, POLLIN, 0};
    pollfd copy = entry;
    if (poll(&copy, 1, 0) > 0) eventfd_read(over_, &drained);
    transcript_.clear();
    user_ =
        std::thread([this, moves = std::move(moves), wake_at_last] { play(moves, wake_at_last); });
  }
  /// What was to be seen.
  std::string leave() {
    if (user_.joinable()) {
      eventfd_write(over_, 1);
      user_.join();
    }
    return transcript_;
  }
  const std::string& name() const { return name_; }
  bool echoes() const {
    termios state{};
    tcgetattr(slave_, &state);
    return (state.c_lflag & ECHO) != 0 && (state.c_lflag & ICANON) != 0;
  }

 private:
  void play(const std::vector<Move>& moves, int wake_at_last) {
    std::size_t seen = 0;
    std::size_t next = 0;
    for (;;) {
      pollfd entries[] = {{master_, POLLIN, 0}, {over_, POLLIN, 0}};
      if (poll(entries, 2, -1) < 0) return;
      if ((entries[0].revents & POLLIN) != 0) {
        char piece[4096];
        const ssize_t got = read(master_, piece, sizeof piece);
        if (got > 0) transcript_.append(piece, static_cast<std::size_t>(got));
        while (next < moves.size()) {
          const auto at = transcript_.find(moves[next].sees, seen);
          if (at == std::string::npos) break;
          seen = at + moves[next].sees.size();
          const std::string& keys = moves[next++].types;
          EXPECT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
          if (next == moves.size() && wake_at_last >= 0) eventfd_write(wake_at_last, 1);
        }
      } else if (entries[1].revents != 0) {
        return;
      }
    }
  }

  int master_;
  int slave_ = -1;
  int over_;
  std::string name_;
  std::string transcript_;
  std::thread user_;
};

class RealPinentry : public testing::Test {
 protected:
  RealPinentry() {
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setup_.terminal = desk_.name();
  }
  void use(const char* program) { setup_.program = program; }
  void until(seconds time) { window_.until = Clock::now() + time; }

  Desk desk_;
  PinentrySetup setup_;
  Window window_ = {.title = "Tacit",
                    .description = "A program wants\nit at 100%",
                    .prompt = "Passphrase:",
                    .error = "",
                    .ok = "Yes, for this _session",
                    .not_ok = "_More choices",
                    .cancel = "_No",
                    .until = Clock::now() + seconds(60)};
};

TEST_F(RealPinentry, TtyTakesAText) {
  use(TACIT_PINENTRY_TTY);
  desk_.sit_down({{"Passphrase:", "ein schlüssel 100%\n"}});
  const WindowAnswer answer = ask_text(setup_, window_, false);
  EXPECT_EQ(answer.kind, Kind::kOk) << answer.failure;
  EXPECT_EQ(text_of(answer.text), "ein schlüssel 100%");
  const std::string seen = desk_.leave();
  EXPECT_THAT(seen, HasSubstr("A program wants\r\nit at 100%"));
  EXPECT_THAT(seen, Not(HasSubstr("schl")));
  EXPECT_TRUE(desk_.echoes());
}

TEST_F(RealPinentry, TtyAsksTwiceForAValueAndAgainForNothing) {
  use(TACIT_PINENTRY_TTY);
  desk_.sit_down({{"Passphrase:", "\n"},
                  {"The same again:", "\n"},
                  {"Nothing was typed", ""},
                  {"Passphrase:", "one\n"},
                  {"The same again:", "other\n"},
                  {"not the same", ""},
                  {"Passphrase:", "value\n"},
                  {"The same again:", "value\n"}});
  const WindowAnswer answer = ask_text(setup_, window_, true);
  EXPECT_EQ(answer.kind, Kind::kOk) << answer.failure;
  EXPECT_EQ(text_of(answer.text), "value");
}

TEST_F(RealPinentry, TtyTellsTheButtonsApart) {
  use(TACIT_PINENTRY_TTY);
  const std::pair<const char*, Kind> keys[] = {
      {"s", Kind::kOk}, {"m", Kind::kNotOk}, {"n", Kind::kCancelled}};
  for (const auto& [key, kind] : keys) {
    desk_.sit_down({{"]? ", key}});
    EXPECT_EQ(ask_choice(setup_, window_).kind, kind) << key;
  }
}

TEST_F(RealPinentry, CursesTakesAText) {
  use(TACIT_PINENTRY_CURSES);
  desk_.sit_down({{"<No>", "correct horse\r"}});
  const WindowAnswer answer = ask_text(setup_, window_, false);
  EXPECT_EQ(answer.kind, Kind::kOk) << answer.failure;
  EXPECT_EQ(text_of(answer.text), "correct horse");
  const std::string seen = desk_.leave();
  EXPECT_THAT(seen, HasSubstr("it at 100%"));
  EXPECT_THAT(seen, Not(HasSubstr("horse")));
  EXPECT_TRUE(desk_.echoes());
}

TEST_F(RealPinentry, CursesAsksTwiceForAValue) {
  use(TACIT_PINENTRY_CURSES);
  desk_.sit_down({{"<No>", "value\r"}, {"The same again:", ""}, {"<No>", "value\r"}});
  const WindowAnswer answer = ask_text(setup_, window_, true);
  EXPECT_EQ(answer.kind, Kind::kOk) << answer.failure;
  EXPECT_EQ(text_of(answer.text), "value");
}

TEST_F(RealPinentry, CursesTellsTheButtonsApart) {
  use(TACIT_PINENTRY_CURSES);
  const std::pair<const char*, Kind> keys[] = {
      {"\r", Kind::kOk}, {"\t\r", Kind::kNotOk}, {"\t\t\r", Kind::kCancelled}};
  for (const auto& [key, kind] : keys) {
    desk_.sit_down({{"<No>", key}});
    EXPECT_EQ(ask_choice(setup_, window_).kind, kind) << key;
  }
}

TEST_F(RealPinentry, NobodyAnswers) {
  for (const char* program : {TACIT_PINENTRY_TTY, TACIT_PINENTRY_CURSES}) {
    use(program);
    until(seconds(1));
    desk_.sit_down({});
    EXPECT_EQ(ask_choice(setup_, window_).kind, Kind::kTimedOut) << program;
    until(seconds(1));
    EXPECT_EQ(ask_text(setup_, window_, false).kind, Kind::kTimedOut) << program;
    EXPECT_TRUE(desk_.echoes());
  }
}

TEST_F(RealPinentry, IsTakenAwayAndTheTerminalIsAsBefore) {
  for (const char* program : {TACIT_PINENTRY_TTY, TACIT_PINENTRY_CURSES}) {
    use(program);
    setup_.wake_fd = eventfd(0, EFD_CLOEXEC);
    desk_.sit_down({{"Passphrase:", "half of it"}}, setup_.wake_fd);
    EXPECT_EQ(ask_text(setup_, window_, false).kind, Kind::kWoken) << program;
    close(setup_.wake_fd);
    EXPECT_TRUE(desk_.echoes()) << program;
  }
}

TEST_F(RealPinentry, ATerminalThatIsGoneIsAFailure) {
  setup_.terminal = "/dev/null";
  for (const char* program : {TACIT_PINENTRY_TTY, TACIT_PINENTRY_CURSES}) {
    use(program);
    EXPECT_EQ(ask_text(setup_, window_, false).kind, Kind::kFailed) << program;
  }
}

TEST_F(RealPinentry, ALongTextIsCut) {
  use(TACIT_PINENTRY_TTY);
  window_.description = std::string(5000, '%');
  desk_.sit_down({{"%...", ""}, {"Passphrase:", "x\n"}});
  EXPECT_EQ(ask_text(setup_, window_, false).kind, Kind::kOk);
}

}  // namespace
}  // namespace tacit::cli
