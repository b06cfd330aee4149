// Running programs that answer in one line, from within a host that knows nothing of it.
#include "client/cpp/renewer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tacit/client.h"
#include "tests/unit/client/scratch.h"

namespace tacit {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Renewer : public ::testing::Test {
 protected:
  /// A program of the shell.
  std::string program(const std::string& text) {
    const std::string path = scratch_.path() + "/program";
    std::ofstream(path) << "#!/bin/sh\n" << text;
    ::chmod(path.c_str(), 0700);
    return path;
  }
  std::string content(const std::string& name) {
    std::ifstream in(scratch_.path() + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  testing::Scratch scratch_;
};

TEST_F(Renewer, AnswersComeInOrder) {
  const std::vector<std::string> tasks{"a", "b", "c"};
  const auto answers =
      run_renewers(program("read -r line\nprintf '{\"told\":\"%s\",\"ok\":true}\\n' \"$line\"\n"),
                   tasks, "", {});
  ASSERT_EQ(answers.size(), 3u);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].error().message;
    EXPECT_EQ(answers[i]->at("told"), tasks[i]);
  }
}

TEST_F(Renewer, RefusalsAreErrors) {
  const std::string one = "{}";
  const auto refused = run_renewers(
      program("echo '{\"reason\":\"LOGIN_NEEDED\",\"message\":\"log in\"}'\n"), {&one, 1}, "", {});
  EXPECT_EQ(refused.front().error().code, Reason::kLoginNeeded);
  EXPECT_EQ(refused.front().error().message, "log in");
  for (const char* text :
       {"exit 0\n", "echo nonsense\n", "kill -9 $$\n", "head -c 200000 /dev/zero\n"}) {
    const auto silent = run_renewers(program(text), {&one, 1}, "", {});
    EXPECT_EQ(silent.front().error().code, Reason::kRenewalFailed) << text;
  }
  const auto absent = run_renewers(scratch_.path() + "/none", {&one, 1}, "", {});
  EXPECT_EQ(absent.front().error().code, Reason::kRenewalFailed);
}

TEST_F(Renewer, ManyRunAtOnceAndNoneIsLeft) {
  // Each waits for seven others: fewer at once would never end.
  const std::vector<std::string> tasks(8, "{}");
  const auto answers = run_renewers(
      program("d=" + scratch_.path() +
              "\nmkdir \"$d/at.$$\"\n"
              "while [ \"$(ls -d $d/at.* | wc -l)\" -lt 8 ]; do :; done\necho '{\"ok\":true}'\n"),
      tasks, "", {30s, -1});
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(::waitpid(-1, nullptr, __WALL), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Renewer, TheHostStaysAsItWas) {
  static int signals = 0;
  struct sigaction counting {};
  counting.sa_handler = [](int) { ++signals; };
  struct sigaction before {};
  ::sigaction(SIGCHLD, &counting, &before);
  ASSERT_EQ(::setenv("SOME_SECRET", "x", 1), 0);
  ASSERT_EQ(::setenv("LD_LIBRARY_PATH", "/nowhere", 1), 0);
  ASSERT_EQ(::setenv("https_proxy", "http://127.0.0.1:9", 1), 0);
  constexpr int kOpenFile = 200;
  const int low = ::open("/etc/passwd", O_RDONLY);
  ASSERT_EQ(::dup2(low, kOpenFile), kOpenFile);
  const std::string one = "{}";
  const auto answers = run_renewers(program("env >" + scratch_.path() + "/env\nls /proc/$$/fd >" +
                                            scratch_.path() + "/fds\necho '{\"ok\":true}'\n"),
                                    {&one, 1}, "/the/socket", {});
  ::sigaction(SIGCHLD, &before, nullptr);
  ::close(low);
  ::close(kOpenFile);
  for (const char* name : {"SOME_SECRET", "LD_LIBRARY_PATH", "https_proxy"}) ::unsetenv(name);
  ASSERT_TRUE(answers.front().ok());
  EXPECT_EQ(signals, 0);
  const std::string environment = content("env");
  EXPECT_THAT(environment, HasSubstr("TACIT_SOCKET=/the/socket\n"));
  EXPECT_THAT(environment, HasSubstr("https_proxy="));
  EXPECT_EQ(environment.find("SOME_SECRET"), std::string::npos);
  EXPECT_EQ(environment.find("LD_LIBRARY_PATH"), std::string::npos);
  EXPECT_THAT(content("fds"), HasSubstr("0\n1\n"));
  EXPECT_EQ(content("fds").find("200"), std::string::npos);
}

TEST_F(Renewer, WorksWhereTheHostIgnoresItsChildren) {
  struct sigaction ignoring {};
  ignoring.sa_handler = SIG_IGN;
  struct sigaction before {};
  ::sigaction(SIGCHLD, &ignoring, &before);
  const std::string one = "{}";
  const auto answers = run_renewers(program("echo '{\"ok\":true}'\n"), {&one, 1}, "", {});
  ::sigaction(SIGCHLD, &before, nullptr);
  EXPECT_TRUE(answers.front().ok());
}

TEST_F(Renewer, EndsAtItsLimitAndWhenStopped) {
  const std::string one = "{}";
  const std::string stuck = program("trap 'echo ended >" + scratch_.path() +
                                    "/ended; exit 0' TERM\nwhile :; do sleep 0.05; done\n");
  const auto late = run_renewers(stuck, {&one, 1}, "", {200ms, -1});
  EXPECT_EQ(late.front().error().code, Reason::kTimeout);
  EXPECT_EQ(content("ended"), "ended\n");  // it was told to end and had the time
  Stopper stopper;
  stopper.stop();
  const auto stopped = run_renewers(stuck, {&one, 1}, "", {{}, stopper.fd()});
  EXPECT_EQ(stopped.front().error().code, Reason::kCancelled);
  // One that does not heed is killed.
  const auto begun = std::chrono::steady_clock::now();
  const auto deaf = run_renewers(program("trap '' TERM\nwhile :; do sleep 0.05; done\n"), {&one, 1},
                                 "", {100ms, -1});
  EXPECT_EQ(deaf.front().error().code, Reason::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
  EXPECT_EQ(::waitpid(-1, nullptr, __WALL), -1);
}

}  // namespace
}  // namespace tacit
