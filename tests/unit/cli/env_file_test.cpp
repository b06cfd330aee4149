#include "cli/env_file.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit::cli {
namespace {

using namespace std::string_literals;

std::string text(const SecretBytes& value) { return {value.bytes().begin(), value.bytes().end()}; }

/// `A=<x>B=<y>`, or the error.
std::string read(const std::string& content) {
  const auto entries = parse_env_file(content, "f.env");
  if (!entries.ok()) return entries.error().message;
  std::string result;
  for (const EnvFileEntry& entry : *entries) {
    result += entry.variable + "=" +
              (entry.reference ? to_string(*entry.reference) : "<" + text(entry.value) + ">");
  }
  return result;
}

TEST(EnvFile, ReadsWhatIsWrittenThere) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("A=1\nB=2"), "A=<1>B=<2>");
  EXPECT_EQ(read("\xef\xbb\xbf# head\n\n  \t\n\tA = 1 \r\nB=\r\nC=  "), "A=<1>B=<>C=<>");
  EXPECT_EQ(read("export A=1\nexport\tB=2\nexport=3"), "A=<1>B=<2>export=<3>");
  EXPECT_EQ(read("A=x # y\nB=x#y\nC=#y\nD='#' # y\nE=\"# \" # y\nF= # y\n"),
            "A=<x>B=<x#y>C=<#y>D=<#>E=<# >F=<>");
  EXPECT_EQ(read("A=b=c\nB==\n"), "A=<b=c>B=<=>");
  EXPECT_EQ(read("A=it's\nB=\xc3\xa4\xff"), "A=<it's>B=<\xc3\xa4\xff>");
}

TEST(EnvFile, QuotesHoldLinesAndOnlyDoubleOnesEscape) {
  EXPECT_EQ(read("A='one\ntwo\n'\nB=2"), "A=<one\ntwo\n>B=<2>");
  EXPECT_EQ(read("A='\\n$B\"'\nB=\"\\n\\t\\r\\\"\\\\\\$\\x'\n\"\n"),
            "A=<\\n$B\">B=<\n\t\r\"\\$\\x'\n>");
  EXPECT_EQ(read("A=\"\"\nB=''"), "A=<>B=<>");
}

TEST(EnvFile, NothingIsExpanded) {
  EXPECT_EQ(read("A=$HOME\nB=\"${A}\"\nC=`id`\nD=$(id)\n"), "A=<$HOME>B=<${A}>C=<`id`>D=<$(id)>");
}

TEST(EnvFile, ValuesMayBeReferences) {
  EXPECT_EQ(read("A=tacit://work/db\nB='tacit://x/y?attribute=z'\nC=\"see tacit://work/db\""),
            "A=tacit://work/dbB=tacit://x/y?attribute=zC=<see tacit://work/db>");
}

TEST(EnvFile, TheLastOfTwoCounts) { EXPECT_EQ(read("A=1\nB=2\nA=3\n"), "B=<2>A=<3>"); }

TEST(EnvFile, ErrorsTellFileAndLineAndNeverWhatStandsThere) {
  const std::string secret = "hunter2";
  for (const auto& [content, line] : {std::pair{"A=1\n" + secret, 2},
                                      {"A=1\n\n=" + secret, 3},
                                      {"A B=" + secret, 1},
                                      {"1A=" + secret, 1},
                                      {secret + "-x=1", 1},
                                      {"export " + secret, 1},
                                      {"A=1\nB='" + secret + "\n\n", 2},
                                      {"A=\"" + secret + "\"x", 1},
                                      {"A='a\nb' " + secret, 2},
                                      {"A=''# " + secret, 1},
                                      {"A=" + secret + "\0"s, 1},
                                      {"A='\n" + secret + "\0'"s, 2},
                                      {"A=tacit://" + secret, 1}}) {
    const auto entries = parse_env_file(content, "f.env");
    ASSERT_FALSE(entries.ok()) << content;
    EXPECT_EQ(entries.error().code, Reason::kInvalidArgument);
    const std::string where = "f.env:" + std::to_string(line) + ": ";
    EXPECT_TRUE(entries.error().message.starts_with(where)) << entries.error().message;
    EXPECT_EQ(entries.error().message.find(secret), std::string::npos) << entries.error().message;
  }
}

}  // namespace
}  // namespace tacit::cli
