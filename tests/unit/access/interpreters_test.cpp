#include "daemon/access/interpreters.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tacit {
namespace {

using Words = std::vector<std::string>;

// The script, `-` for code without a name, and nothing for a program that speaks for itself.
std::string of(const std::string& executable, const Words& arguments) {
  const ScriptArgument found = script_argument(executable, arguments);
  if (!found.interpreter) return "";
  return found.path.empty() ? "-" : found.path;
}

TEST(ScriptArgument, OrdinaryProgramsHaveNone) {
  EXPECT_EQ(of("/usr/bin/cat", {"cat", "x.sh"}), "");
  EXPECT_EQ(of("/usr/bin/pythonic", {"pythonic", "x.py"}), "");
  EXPECT_EQ(of("/opt/sh/tool", {"sh", "x.sh"}), "");
}

TEST(ScriptArgument, ShellsRunTheirFirstWordThatIsNoOption) {
  EXPECT_EQ(of("/bin/dash", {"sh", "./deploy.sh", "-c", "x"}), "./deploy.sh");
  EXPECT_EQ(of("/usr/bin/bash", {"bash", "-eu", "-o", "pipefail", "+O", "extglob", "run"}), "run");
  EXPECT_EQ(of("/usr/bin/bash", {"bash", "--rcfile", "x", "--norc", "run"}), "run");
  EXPECT_EQ(of("/usr/bin/zsh-5.9", {"-zsh", "--", "-odd-name"}), "-odd-name");
}

TEST(ScriptArgument, InterpretersAreKnownWithTheirVersions) {
  EXPECT_EQ(of("/usr/bin/python3.11", {"python3", "-u", "-W", "error", "-Xdev", "a.py"}), "a.py");
  EXPECT_EQ(of("/usr/bin/node", {"node", "--inspect", "--title", "t", "a.js"}), "a.js");
  EXPECT_EQ(of("/usr/bin/perl", {"perl", "-w", "-I", "lib", "a.pl"}), "a.pl");
  EXPECT_EQ(of("/usr/bin/ruby3.1", {"ruby", "-w", "-Ilib", "a.rb"}), "a.rb");
  EXPECT_EQ(of("/usr/bin/php8.2", {"php", "-d", "x=1", "-f", "a.php"}), "a.php");
  EXPECT_EQ(of("/usr/bin/lua5.4", {"lua", "a.lua"}), "a.lua");
  EXPECT_EQ(of("/usr/bin/java", {"java", "-cp", "x", "-jar", "a.jar"}), "a.jar");
  EXPECT_EQ(of("/usr/bin/mawk", {"awk", "-F", ":", "-f", "a.awk", "data"}), "a.awk");
  EXPECT_EQ(of("/usr/bin/deno", {"deno", "run", "-A", "a.ts"}), "a.ts");
}

TEST(ScriptArgument, AShellWithoutCodeOrScriptIsBare) {
  const auto bare = [](const std::string& executable, const Words& arguments) {
    return script_argument(executable, arguments).bare_shell;
  };
  EXPECT_TRUE(bare("/bin/bash", {"bash"}));
  EXPECT_TRUE(bare("/bin/bash", {"-bash"}));
  EXPECT_TRUE(bare("/usr/bin/zsh", {"zsh", "-i", "-l"}));
  EXPECT_TRUE(bare("/usr/bin/fish", {"fish", "--login"}));
  EXPECT_FALSE(bare("/bin/bash", {"bash", "-c", "x"}));
  EXPECT_FALSE(bare("/bin/bash", {"bash", "-s"}));
  EXPECT_FALSE(bare("/bin/bash", {"bash", "a.sh"}));
  EXPECT_FALSE(bare("/bin/dash", {"sh", "-"}));
  EXPECT_FALSE(bare("/bin/bash", {})) << "its arguments could not be read";
  EXPECT_FALSE(bare("/usr/bin/python3", {"python3"}));
}

TEST(ScriptArgument, CodeWithoutAFileHasNoName) {
  const std::vector<std::pair<std::string, Words>> cases = {
      {"/bin/bash", {"bash", "-c", "x", "a.sh"}},
      {"/bin/bash", {"bash", "-lic", "x"}},
      {"/bin/bash", {"bash"}},
      {"/bin/bash", {"-bash"}},
      {"/bin/bash", {"bash", "-s", "a.sh"}},
      {"/bin/dash", {"sh", "-"}},
      {"/bin/dash", {}},
      {"/usr/bin/python3", {"python3", "-c", "x"}},
      {"/usr/bin/python3", {"python3", "-Im", "pip"}},
      {"/usr/bin/python3", {"python3", "-W"}},
      {"/usr/bin/node", {"node", "-e", "x"}},
      {"/usr/bin/node", {"node", "--require=./other.js", "a.js"}},
      {"/usr/bin/perl", {"perl", "-MOther", "a.pl"}},
      {"/usr/bin/perl", {"perl", "-ne", "x"}},
      {"/usr/bin/ruby", {"ruby", "-rother", "a.rb"}},
      {"/usr/bin/php", {"php", "-r", "x"}},
      {"/usr/bin/java", {"java", "-cp", "x", "Main"}},
      {"/usr/bin/java", {"java", "-jar"}},
      {"/usr/bin/mawk", {"awk", "{print}", "data"}},
      {"/usr/bin/deno", {"deno", "eval", "x"}},
      {"/bin/busybox", {"sh", "a.sh"}},
      {"/usr/bin/timeout", {"timeout", "5", "a.sh"}},
      {"/usr/bin/make", {"make", "-f", "a.mk"}},
      {"/usr/bin/xargs", {"xargs", "a.sh"}},
  };
  for (const auto& [executable, arguments] : cases) {
    EXPECT_EQ(of(executable, arguments), "-")
        << executable << ": " << testing::PrintToString(arguments);
  }
}

}  // namespace
}  // namespace tacit
