#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/user_secrets/arguments.h"

namespace tacit::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

UserSecretsArguments parsed(const Arguments& arguments) {
  auto result = parse_user_secrets(arguments);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *result : UserSecretsArguments();
}

std::string refused(const Arguments& arguments) {
  auto result = parse_user_secrets(arguments);
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

TEST(UserSecretsArguments, AVerbAndItsWords) {
  const auto set = parsed({"set", "K", "V"});
  EXPECT_EQ(set.verb, "set");
  EXPECT_THAT(set.words, ElementsAre("K", "V"));
  EXPECT_FALSE(set.folder);
  EXPECT_EQ(parsed({}).verb, "");
  EXPECT_TRUE(parsed({"set", "--help"}).help);
}

TEST(UserSecretsArguments, AnyValueIsAValue) {
  for (const char* value : {"", "[a,b]", "{}", "%%", "-", "-5", "-1.5", "-.5", "set", "a b"}) {
    EXPECT_THAT(parsed({"set", "K", value}).words, ElementsAre("K", value));
  }
  EXPECT_THAT(parsed({"set", "--", "-k", "--v"}).words, ElementsAre("-k", "--v"));
}

TEST(UserSecretsArguments, TheFolderInEachForm) {
  EXPECT_EQ(parsed({"-p", "x", "list"}).folder, "x");
  EXPECT_EQ(parsed({"-px", "list"}).folder, "x");
  EXPECT_EQ(parsed({"--project=x", "list"}).folder, "x");
  EXPECT_EQ(parsed({"list", "--project", "x"}).folder, "x");
  EXPECT_THAT(refused({"list", "-p"}), HasSubstr("-p needs a folder"));
}

TEST(UserSecretsArguments, RefusesWithoutRepeatingWhatMayBeAValue) {
  EXPECT_THAT(refused({"set", "K", "V", "s3cret"}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused({"set", "K", "-s3cret"}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused({"set"}), HasSubstr("too few"));
  EXPECT_THAT(refused({"get"}), HasSubstr("too few"));
  EXPECT_THAT(refused({"list", "x"}), HasSubstr("too many"));
  EXPECT_THAT(refused({"lst"}), HasSubstr("did you mean `list`?"));
  EXPECT_THAT(refused({""}), HasSubstr("no such verb"));
  EXPECT_THAT(refused({"-x"}), HasSubstr("unknown option"));
}

}  // namespace
}  // namespace tacit::cli
