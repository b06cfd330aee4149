// What becomes of a question whatever pinentry does. The pinentries here are small scripts; real
// ones are in real_pinentry_test.cpp.
#include "cli/pinentry/pinentry.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/unit/cli/scratch_dir.h"

namespace tacit::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using Kind = WindowAnswer::Kind;

std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

class PinentryTest : public testing::Test {
 protected:
  /// A pinentry that writes what it is told into a log, and does `on_ask` when it is to ask.
  void play(const std::string& on_ask, const std::string& at_start = "echo 'OK Pleased'") {
    script("log=" + scratch_.file("log") + "\necho pid=$$ >>$log\n" + at_start +
           "\nwhile read -r verb rest; do\n"
           "  printf '%s %s\\n' \"$verb\" \"$rest\" >>$log\n"
           "  case $verb in\n"
           "    GETPIN|CONFIRM) asked=$((asked + 1))\n" +
           on_ask +
           "\n;;\n"
           "    BYE) echo OK closing; exit ;;\n"
           "    *) echo OK ;;\n"
           "  esac\n"
           "done\n");
  }

  void script(const std::string& body) {
    setup_.program = scratch_.file("pinentry");
    std::ofstream(setup_.program) << "#!/bin/sh\n" << body;
    chmod(setup_.program.c_str(), 0700);
  }

  WindowAnswer get_text(bool repeat = false) { return ask_text(setup_, window_, repeat); }

  std::string log() const {
    std::ostringstream all;
    all << std::ifstream(scratch_.file("log")).rdbuf();
    return all.str();
  }

  bool is_gone() const {
    const std::string all = log();
    const auto at = all.find("pid=");
    if (at == std::string::npos) return false;
    return kill(static_cast<pid_t>(std::stol(all.substr(at + 4))), 0) != 0 && errno == ESRCH;
  }

  void expect_failure(std::string_view how) {
    const WindowAnswer answer = get_text();
    EXPECT_EQ(answer.kind, Kind::kFailed);
    EXPECT_THAT(answer.failure, HasSubstr(how));
    EXPECT_TRUE(answer.text.empty());
  }

  ScratchDir scratch_;
  PinentrySetup setup_;
  Window window_ = {.title = "Tacit",
                    .description = "A question\nof 100%",
                    .prompt = "Passphrase:",
                    .error = "",
                    .ok = "",
                    .not_ok = "",
                    .cancel = "",
                    .until = Clock::now() + seconds(60)};
};

TEST_F(PinentryTest, HandsOverWhatWasTyped) {
  play("echo 'D correct horse'; echo OK");
  const WindowAnswer answer = get_text();
  EXPECT_EQ(answer.kind, Kind::kOk);
  EXPECT_EQ(text_of(answer.text), "correct horse");
  EXPECT_TRUE(is_gone());
}

TEST_F(PinentryTest, SaysWhatItAsks) {
  play("echo 'D x'; echo OK");
  window_.error = "Wrong passphrase";
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  unlockpt(terminal);
  setup_.terminal = ptsname(terminal);
  ASSERT_EQ(get_text().kind, Kind::kOk);
  close(terminal);
  const std::string told = log();
  EXPECT_THAT(told, HasSubstr("OPTION ttyname=" + setup_.terminal + "\n"));
  EXPECT_THAT(told, HasSubstr("SETTITLE Tacit\n"));
  EXPECT_THAT(told, HasSubstr("SETDESC A question%0Aof 100%25\n"));
  EXPECT_THAT(told, HasSubstr("SETPROMPT Passphrase:\n"));
  EXPECT_THAT(told, HasSubstr("SETERROR Wrong passphrase\n"));
  EXPECT_THAT(told, ContainsRegex("SETTIMEOUT (59|60)\n"));
  EXPECT_THAT(told, HasSubstr("BYE"));
  EXPECT_THAT(told, Not(HasSubstr("SETREPEAT")));
  EXPECT_THAT(told, Not(HasSubstr("SETNOTOK")));
}

TEST_F(PinentryTest, ReadsEscapesStatusLinesAndPieces) {
  play("echo 'S SOMETHING else'; echo '# comment'; echo 'D 100%25%0A'; echo 'D more'; echo OK");
  EXPECT_EQ(text_of(get_text().text), "100%\nmore");
}

TEST_F(PinentryTest, TellsTheWaysOfSayingNoApart) {
  const std::pair<const char*, Kind> ways[] = {{"83886179 cancelled", Kind::kCancelled},
                                               {"83886278 closed", Kind::kCancelled},
                                               {"83886194 not confirmed", Kind::kNotOk},
                                               {"83886142 timed out", Kind::kTimedOut}};
  for (const auto& [error, kind] : ways) {
    play("echo 'ERR " + std::string(error) + "'");
    EXPECT_EQ(get_text().kind, kind) << error;
    EXPECT_EQ(ask_choice(setup_, window_).kind, kind) << error;
  }
  play("echo 'ERR 83918950 Inappropriate ioctl for device'");
  expect_failure("error 83918950");
}

TEST_F(PinentryTest, DataBeforeAnErrorIsNoAnswer) {
  play("echo 'D half of it'; echo 'ERR 83886179 cancelled'");
  const WindowAnswer answer = get_text();
  EXPECT_EQ(answer.kind, Kind::kCancelled);
  EXPECT_TRUE(answer.text.empty());
}

TEST_F(PinentryTest, AChoiceHasItsLabels) {
  play("echo OK");
  window_.ok = "_Yes";
  window_.not_ok = "_Once";
  window_.cancel = "_No";
  EXPECT_EQ(ask_choice(setup_, window_).kind, Kind::kOk);
  EXPECT_THAT(log(), HasSubstr("SETOK _Yes\nSETNOTOK _Once\nSETCANCEL _No\nCONFIRM"));
}

TEST_F(PinentryTest, AnEmptyAnswerIsAskedForAgain) {
  play("[ $asked = 2 ] && echo 'D second'; echo OK");
  const WindowAnswer answer = get_text();
  EXPECT_EQ(answer.kind, Kind::kOk);
  EXPECT_EQ(text_of(answer.text), "second");
  EXPECT_THAT(log(), HasSubstr("SETERROR Nothing was typed, try again\nGETPIN"));
}

TEST_F(PinentryTest, ThreeEmptyAnswersAreNone) {
  play("echo OK");
  const WindowAnswer answer = get_text();
  EXPECT_EQ(answer.kind, Kind::kCancelled);
  EXPECT_TRUE(answer.text.empty());
}

TEST_F(PinentryTest, TypedTwiceByPinentryItself) {
  play("echo 'S PIN_REPEATED'; echo 'D value'; echo OK");
  EXPECT_EQ(text_of(get_text(true).text), "value");
  EXPECT_THAT(log(), HasSubstr("SETREPEAT "));
  EXPECT_THAT(log(), Not(ContainsRegex("GETPIN.*GETPIN")));
}

TEST_F(PinentryTest, TypedTwiceWherePinentryCannotRepeat) {
  play("if [ $asked = 2 ]; then echo 'D other'; else echo 'D value'; fi; echo OK");
  // value, other: not the same; value, value: the same.
  EXPECT_EQ(text_of(get_text(true).text), "value");
  EXPECT_THAT(log(), HasSubstr("SETERROR These two are not the same, try again\n"));
}

TEST_F(PinentryTest, DyingIsAFailure) {
  for (const char* on_ask : {"exit 1", "kill -9 $$", "echo 'D half'; exit", "exec <&-; exit 0"}) {
    play(on_ask);
    expect_failure("died");
    EXPECT_TRUE(is_gone());
  }
  play("", "exit 0");
  expect_failure("died");
  play("", "exec <&-; echo OK; exec >&-; sleep 1000");
  expect_failure("died");
}

TEST_F(PinentryTest, WhatCannotBeStartedIsAFailure) {
  setup_.program = scratch_.file("absent");
  expect_failure("cannot start");
  script("");
  std::ofstream(setup_.program) << "\x7f no program at all";
  expect_failure("cannot start");
}

TEST_F(PinentryTest, WithoutItsTerminalItIsNotStarted) {
  play("echo 'D x'; echo OK");
  for (const char* terminal : {"/dev/null", "/nowhere/tty"}) {
    setup_.terminal = terminal;
    expect_failure("no terminal");
  }
  EXPECT_EQ(log(), "");
}

TEST_F(PinentryTest, HangingIsAFailureAndLeavesNoProcess) {
  setup_.patience = milliseconds(300);
  play("", "sleep 1000");
  expect_failure("does not answer");
  EXPECT_TRUE(is_gone());

  window_.until = Clock::now();
  play("trap '' TERM; while :; do sleep 1000; done");
  expect_failure("does not answer");
  EXPECT_TRUE(is_gone());
}

TEST_F(PinentryTest, OneThatAnswersBeforeItIsAskedIsAFailure) {
  // Several at one write, so that the next is there when the first has been read.
  script("while :; do printf 'OK\\nOK\\nOK\\nOK\\n'; done\n");
  expect_failure("before it was asked");
}

TEST_F(PinentryTest, OneThatNeverReadsIsAFailure) {
  setup_.patience = milliseconds(300);
  script("echo OK\nsleep 1000\n");
  expect_failure("does not answer");
}

TEST_F(PinentryTest, GarbageIsAFailure) {
  play("printf '\\377\\000\\001\\n'");
  expect_failure("no answer");
  play("echo 'password'");
  expect_failure("no answer");
  play("echo 'D 50% off'; echo OK");
  expect_failure("broken escape");
  play("", "echo 'Segmentation fault'");
  expect_failure("no answer");
}

TEST_F(PinentryTest, ALineWithoutEndIsAFailure) {
  play("head -c 2000000 /dev/zero | tr '\\0' x");
  expect_failure("without end");
  play("while :; do echo 'S PROGRESS'; done");
  expect_failure("never comes to the point");
  play("while :; do echo 'D xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; done");
  expect_failure("too long");
  EXPECT_TRUE(is_gone());
}

TEST_F(PinentryTest, IsTakenAwayWhenWoken) {
  const int wake = eventfd(0, EFD_CLOEXEC);
  setup_.wake_fd = wake;
  const std::string asking = scratch_.file("asking");
  ASSERT_EQ(mkfifo(asking.c_str(), 0600), 0);
  play("echo now >" + asking + "; sleep 1000");
  std::thread waker([&] {
    std::string word;
    std::ifstream(asking) >> word;  // opens when the question stands
    eventfd_write(wake, 1);
  });
  EXPECT_EQ(get_text().kind, Kind::kWoken);
  waker.join();
  close(wake);
  EXPECT_TRUE(is_gone());
}

TEST_F(PinentryTest, GetsNothingThatItDoesNotNeed) {
  setenv("TACIT_TEST_TOKEN", "hidden", 1);
  setenv("XDG_SESSION_TYPE", "wayland", 1);
  const int open_here = dup(STDERR_FILENO);  // on purpose not closed at exec
  play("echo 'D x'; echo OK", "echo OK; env >>$log; ls /proc/$$/fd | sed 's/^/fd=/' >>$log");
  ASSERT_EQ(get_text().kind, Kind::kOk);
  close(open_here);
  unsetenv("TACIT_TEST_TOKEN");
  EXPECT_THAT(log(), Not(HasSubstr("hidden")));
  EXPECT_THAT(log(), HasSubstr("XDG_SESSION_TYPE=wayland"));
  EXPECT_THAT(log(), HasSubstr("fd=1\n"));
  EXPECT_THAT(log(), Not(HasSubstr("fd=" + std::to_string(open_here) + "\n")));
}

TEST_F(PinentryTest, LeavesSigpipeAlone) {
  sigset_t pending;
  play("", "exec <&-; echo OK; exit");
  expect_failure("died");
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

}  // namespace
}  // namespace tacit::cli
