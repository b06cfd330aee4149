#include "cli/dispatch.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

using Arguments = std::vector<std::string>;

Action define_nothing(CLI::App&) {
  return [](Context&) { return 0; };
}

Action define_three(CLI::App&) {
  return [](Context&) { return 3; };
}

constexpr Command kCommands[] = {
    {"get", "Secrets", "print a value", define_nothing, ""},
    {"grants", "Consent", "show them", define_nothing, ""},
    {"grants revoke", "Consent", "take one back", define_three, ""},
    {"slot list", "Vault", "list them", define_nothing, ""},
    {"slot add", "Vault", "add one", define_nothing, ""},
};

TEST(FindVerb, SkipsGlobalOptions) {
  EXPECT_EQ(find_verb(Arguments{"get", "x"}), 0u);
  EXPECT_EQ(find_verb(Arguments{"--json", "get"}), 1u);
  EXPECT_EQ(find_verb(Arguments{"-c", "get", "list"}), 2u);
  EXPECT_EQ(find_verb(Arguments{"-cwork", "--collection=work", "list"}), 2u);
  EXPECT_EQ(find_verb(Arguments{"--collection", "work"}), 2u);
  EXPECT_EQ(find_verb(Arguments{"--profile", "prod", "get"}), 2u);
  EXPECT_EQ(find_verb(Arguments{"-c"}), 1u);
  EXPECT_EQ(find_verb(Arguments{}), 0u);
}

TEST(Overview, FoldsAFamilyIntoOneLine) {
  const std::string text = overview(kCommands);
  EXPECT_NE(text.find("get         print a value\n"), std::string::npos) << text;
  EXPECT_NE(text.find("slot        list, add\n"), std::string::npos) << text;
}

TEST(Dispatch, SaysUsageErrorsByExitCode2) {
  EXPECT_EQ(dispatch(kCommands, {"gett"}), 2);
  EXPECT_EQ(dispatch(kCommands, {"slot", "lst"}), 2);
  EXPECT_EQ(dispatch(kCommands, {"slot"}), 2);
  EXPECT_EQ(dispatch(kCommands, {"--json"}), 2);
  EXPECT_EQ(dispatch(kCommands, {"get", "--nonsense"}), 2);
  EXPECT_EQ(dispatch(kCommands, {"get", "extra"}), 2);
}

TEST(Dispatch, AVerbMayHaveMembers) {
  EXPECT_EQ(dispatch(kCommands, {"grants"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"grants", "--json"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"grants", "revoke"}), 3);
  EXPECT_EQ(dispatch(kCommands, {"grants", "revoke", "--help"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"grants", "revok"}), 2);
  const std::string text = overview(kCommands);
  EXPECT_NE(text.find("grants      show them; revoke\n"), std::string::npos) << text;
}

TEST(Dispatch, RunsTheVerbWithGlobalOptionsOnEitherSide) {
  EXPECT_EQ(dispatch(kCommands, {"--json", "get", "--no-input"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"-c", "work", "slot", "list"}), 0);
  EXPECT_EQ(dispatch(kCommands, {"slot", "add", "-cwork"}), 0);
}

}  // namespace
}  // namespace tacit::cli
