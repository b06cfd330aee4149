#include "daemon/log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "daemon/log/line.h"

namespace tacit {
namespace {

using testing::MatchesRegex;

// What `body` writes to standard error, run in a child of its own.
std::string standard_error_of(const std::function<void()>& body) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    unsetenv("JOURNAL_STREAM");
    body();
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  return text;
}

TEST(Log, PlainLinesHaveTimeAndLevel) {
  const std::string text = standard_error_of([] {
    const Logger logger = make_logger(LogLevel::kInfo);
    logger->info("started, pid {}", 42);
    logger->debug("hidden");
    logger->error("failed");
  });
  EXPECT_THAT(text, MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z info: started, pid 42\n"
                                 "[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z error: failed\n"));
}

TEST(Log, TheJournalGetsPriorities) {
  const auto journal = [](bool ours) {
    return standard_error_of([ours] {
      struct stat info {};
      fstat(ours ? STDERR_FILENO : STDOUT_FILENO, &info);
      const std::string stream =
          ours ? std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) : "1:1";
      setenv("JOURNAL_STREAM", stream.c_str(), 1);
      make_logger(LogLevel::kDebug)->warn("careful");
    });
  };
  EXPECT_EQ(journal(true), "<4>careful\n");
  EXPECT_THAT(journal(false), MatchesRegex(".*Z warning: careful\n"));
}

TEST(Log, NoClientForgesALine) {
  const auto line = [](std::string_view message) {
    return format_line(LineStyle::kJournal, spdlog::level::info, {}, message);
  };
  EXPECT_EQ(line("a\n<0>b"), "<6>a\\x0a<0>b\n");
  EXPECT_EQ(line("\x1b[31m\x7f\t"), "<6>\\x1b[31m\\x7f\\x09\n");
  EXPECT_EQ(line("\xC2\x9Bx"), "<6>\\x9bx\n");
  EXPECT_EQ(line(std::string_view("a\0b", 3)), "<6>a\\x00b\n");
  EXPECT_EQ(line("caf\xC3\xA9"), "<6>caf\xC3\xA9\n");
}

TEST(Log, OnlyATerminalSeesColours) {
  const auto has_escape = [](LineStyle style) {
    return format_line(style, spdlog::level::err, {}, "x").find('\x1b') != std::string::npos;
  };
  EXPECT_TRUE(has_escape(LineStyle::kTerminal));
  EXPECT_FALSE(has_escape(LineStyle::kPlain));
  EXPECT_FALSE(has_escape(LineStyle::kJournal));
}

TEST(Log, NamesAppearAtDebugOnly) {
  EXPECT_EQ(loggable_name(make_logger(LogLevel::kDebug), "work/db"), "work/db");
  EXPECT_EQ(loggable_name(make_logger(LogLevel::kInfo), "work/db"), "(name hidden)");
}

}  // namespace
}  // namespace tacit
