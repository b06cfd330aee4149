#include "daemon/access/agents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string>

namespace tacit {
namespace {

TEST(AgentMarkers, AreTheNamesOfTheDataFile) {
  std::ifstream file(TACIT_AGENT_MARKERS);
  std::vector<std::string> names;
  bool explained = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) explained = true;
    if (line.empty()) explained = false;
    if (line.empty() || line.starts_with('#')) continue;
    EXPECT_TRUE(explained) << line << ": no comment says who sets it";
    names.push_back(line);
  }
  EXPECT_EQ(built_in_agent_markers(), names);
  EXPECT_THAT(names, testing::IsSupersetOf({"AI_AGENT", "CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI",
                                            "CODEX_SANDBOX", "OPENCODE"}));
}

TEST(AgentMarkers, AreVariablesAndEachIsThereOnce) {
  const std::vector<std::string> names = built_in_agent_markers();
  EXPECT_LE(names.size(), 64u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) {
    EXPECT_TRUE(std::ranges::all_of(name, [](unsigned char c) {
      return std::isupper(c) || std::isdigit(c) || c == '_';
    })) << name;
  }
}

}  // namespace
}  // namespace tacit
