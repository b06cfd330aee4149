#include "cli/import/env_secrets_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> parsed(std::string_view content) {
  auto items = parse_env_secrets(content, "store");
  EXPECT_TRUE(items.ok());
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!items.ok()) return pairs;
  for (const ImportItem& item : *items) {
    const auto value = item.value.bytes();
    pairs.emplace_back(item.name, std::string(value.begin(), value.end()));
  }
  return pairs;
}

Error refused(std::string_view content) {
  auto items = parse_env_secrets(content, "store");
  EXPECT_FALSE(items.ok());
  return items.ok() ? Error{} : items.error();
}

TEST(EnvSecretsStore, ReadsWhatPythonWrites) {
  EXPECT_THAT(parsed("# Python Env Secrets\n# ID: 1\n\nA=1\nB=\"two words\"\nC=\"x=y#z\"\n"),
              ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "x=y#z")));
}

TEST(EnvSecretsStore, TrimsAndSkips) {
  EXPECT_THAT(parsed("  A =  1  \n\n#B=2\n   # C=3\nno pair\nexport D=4\nexport  E=5\n\tF\t=\t6"),
              ElementsAre(Pair("A", "1"), Pair("D", "4"), Pair("E", "5"), Pair("F", "6")));
}

TEST(EnvSecretsStore, TrimsSpacesOfUnicode) {
  EXPECT_THAT(parsed("\xc2\xa0"
                     "A\xe2\x80\x83=\xe3\x80\x80v w\x1f\xc2\x85\n"),
              ElementsAre(Pair("A", "v w")));
}

TEST(EnvSecretsStore, TakesOnePairOfEqualQuotes) {
  EXPECT_THAT(parsed("A='\"x\"'\nB=\"x'\nC=\"\nD=\"\"\nE=' x '\n"),
              ElementsAre(Pair("A", "\"x\""), Pair("B", "\"x'"), Pair("C", "\""), Pair("D", ""),
                          Pair("E", " x ")));
}

TEST(EnvSecretsStore, SplitsAtTheFirstEqualsAndKnowsNoEscapes) {
  EXPECT_THAT(parsed("A=b=c\nB=\\n$A\n"), ElementsAre(Pair("A", "b=c"), Pair("B", "\\n$A")));
}

TEST(EnvSecretsStore, TheLastOfAKeyCounts) {
  EXPECT_THAT(parsed("A=1\nB=2\nA=3\n"), ElementsAre(Pair("A", "3"), Pair("B", "2")));
}

TEST(EnvSecretsStore, EndsLinesAsPythonDoes) {
  EXPECT_THAT(parsed("A=1\r\nB=2\rC=3"),
              ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "3")));
}

TEST(EnvSecretsStore, AValueWithoutANameIsLeftOutAndTold) {
  std::vector<std::size_t> nameless;
  const auto items = parse_env_secrets("A=1\n=s3cret\n export =x\nB=2\n", "store", &nameless);
  ASSERT_TRUE(items.ok());
  EXPECT_EQ(items->size(), 2u);
  EXPECT_THAT(nameless, ElementsAre(2u, 3u));
  EXPECT_THAT(parsed("=x\n"), testing::IsEmpty());
}

TEST(EnvSecretsStore, NamesTheLineAndNothingOfIt) {
  const Error nul = refused(std::string("A=1\nB\0C=s3cret\n", 16));
  EXPECT_EQ(nul.code, Reason::kInvalidArgument);
  EXPECT_THAT(nul.message, testing::StartsWith("store:2: "));
  EXPECT_THAT(nul.message, testing::Not(testing::HasSubstr("s3cret")));
  EXPECT_THAT(refused("A=\xff\n").message, testing::HasSubstr("not UTF-8"));
}

}  // namespace
}  // namespace tacit::cli
