#include "cli/environment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace tacit::cli {
namespace {

std::vector<std::string> texts(Environment& environment) {
  std::vector<std::string> result;
  const auto pointers = environment.pointers();
  for (const char* entry : pointers) {
    if (entry != nullptr) result.emplace_back(entry);
  }
  EXPECT_EQ(pointers.back(), nullptr);
  return result;
}

TEST(ParseBinding, SplitsAtTheFirstEqualsSign) {
  const auto binding = parse_binding("URL=tacit://work/db?attribute=url", "-e");
  ASSERT_TRUE(binding.ok());
  EXPECT_EQ(binding->variable, "URL");
  EXPECT_EQ(binding->reference, "tacit://work/db?attribute=url");
}

TEST(ParseBinding, RefusesWhatIsNoVariable) {
  for (const char* text : {"1A=x", "A-B=x", "=x", "A B=x", "\xc3\x84=x", "A", "A=", ""}) {
    const auto binding = parse_binding(text, "-e");
    ASSERT_FALSE(binding.ok()) << text;
    EXPECT_EQ(binding.error().code, Reason::kInvalidArgument) << text;
  }
  EXPECT_NE(parse_binding("A-B=x", "-e").error().message.find("A-B"), std::string::npos);
}

TEST(Environment, ReplacesAndAdds) {
  std::string path = "PATH=/bin";
  std::string token = "TOKEN=old";
  std::string longer = "TOKENS=stay";
  char* inherited[] = {path.data(), token.data(), longer.data(), nullptr};
  Environment environment(inherited);
  ASSERT_TRUE(environment.set("TOKEN", SecretBytes::copy_of("new")).ok());
  ASSERT_TRUE(environment.set("EMPTY", SecretBytes()).ok());
  EXPECT_EQ(texts(environment),
            (std::vector<std::string>{"PATH=/bin", "TOKENS=stay", "TOKEN=new", "EMPTY="}));
  ASSERT_TRUE(environment.set("TOKEN", SecretBytes::copy_of("newest")).ok());
  EXPECT_EQ(texts(environment).back(), "TOKEN=newest");
  EXPECT_EQ(texts(environment).size(), 4u);
}

TEST(Environment, KnowsWhatItHas) {
  std::string token = "TOKEN=";
  char* inherited[] = {token.data(), nullptr};
  Environment environment(inherited);
  EXPECT_TRUE(environment.has("TOKEN"));
  EXPECT_FALSE(environment.has("TOK"));
  EXPECT_FALSE(environment.has("NEW"));
  ASSERT_TRUE(environment.set("NEW", SecretBytes()).ok());
  EXPECT_TRUE(environment.has("NEW"));
}

TEST(Environment, RefusesNulAndNamesTheVariableOnly) {
  Environment environment(nullptr);
  const auto set = environment.set("TOKEN", SecretBytes::copy_of(std::string_view("se\0cret", 7)));
  ASSERT_FALSE(set.ok());
  EXPECT_NE(set.error().message.find("TOKEN"), std::string::npos);
  EXPECT_EQ(set.error().message.find("cret"), std::string::npos);
  EXPECT_TRUE(texts(environment).empty());
}

TEST(Environment, TakesNoMoreThanOneStringOfExecMayHold) {
  const std::size_t most = 32 * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  Environment environment(nullptr);
  EXPECT_FALSE(environment.largest());
  ASSERT_TRUE(environment.set("SMALL", SecretBytes::copy_of("v")).ok());
  ASSERT_TRUE(environment.set("T", SecretBytes::copy_of(std::string(most - 3, 'x'))).ok());
  ASSERT_TRUE(environment.largest());
  EXPECT_EQ(environment.largest()->variable, "T");
  const auto refused = environment.set("U", SecretBytes::copy_of(std::string(most - 2, 'x')));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Reason::kValueTooLarge);
  EXPECT_NE(refused.error().message.find("for U "), std::string::npos);
}

}  // namespace
}  // namespace tacit::cli
