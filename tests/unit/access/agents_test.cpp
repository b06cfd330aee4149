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

TEST(AgentMarkers, AreVariablesOrProgramsAndEachIsThereOnce) {
  const std::vector<std::string> names = built_in_agent_markers();
  EXPECT_LE(names.size(), 64u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  const AgentMarkers markers = AgentMarkers::parse(names);
  EXPECT_FALSE(markers.variables.empty());
  EXPECT_FALSE(markers.programs.empty());
  for (const std::string& name : markers.variables) {
    EXPECT_TRUE(std::ranges::all_of(name, [](unsigned char c) {
      return std::isupper(c) || std::isdigit(c) || c == '_';
    })) << name;
  }
}

TEST(AgentMarkers, AProgramIsKnownByAnyOfItsNames) {
  const std::vector<std::string> lines{"A_VARIABLE", "program:robot"};
  const AgentMarkers markers = AgentMarkers::parse(lines);
  EXPECT_EQ(markers.variables, std::vector<std::string>{"A_VARIABLE"});
  EXPECT_EQ(markers.program("robot", "/opt/versions/2.1", ""), "robot");
  EXPECT_EQ(markers.program("main", "/usr/bin/robot", ""), "robot");
  EXPECT_EQ(markers.program("python3", "/usr/bin/python3", "/usr/bin/robot"), "robot");
  EXPECT_EQ(markers.program("node", "/usr/bin/node", "/lib/node_modules/robot/dist/cli.js"),
            "robot");
  EXPECT_EQ(markers.program("node", "/usr/bin/node", "/lib/node_modules/@its/robot/cli.js"),
            "robot");
  EXPECT_EQ(markers.program("node", "/usr/bin/node", "/lib/node_modules/@robot/other/cli.js"), "");
  EXPECT_EQ(markers.program("robots", "/home/robot/bin/tool", "/home/robot/tool.sh"), "");
  EXPECT_EQ(markers.program("sh", "/bin/sh", ""), "");
}

}  // namespace
}  // namespace tacit
