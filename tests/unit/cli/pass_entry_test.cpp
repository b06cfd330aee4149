#include "cli/import/pass_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::string text(const SecretBytes& value) {
  const auto bytes = value.bytes();
  return {bytes.begin(), bytes.end()};
}

TEST(PassEntry, TheFirstLineIsTheValue) {
  const auto items = parse_pass_entry("web/example", "pa:ss word \nuser: ada\nurl: https://x/\n");
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].name, "web/example");
  EXPECT_EQ(text(items[0].value), "pa:ss word ");
  EXPECT_THAT(items[0].attributes, ElementsAre(Pair("url", "https://x/"), Pair("user", "ada")));
}

TEST(PassEntry, MayHaveNoEndOfLineOrNothingAtAll) {
  EXPECT_EQ(text(parse_pass_entry("a", "pw")[0].value), "pw");
  EXPECT_EQ(text(parse_pass_entry("a", "")[0].value), "");
  EXPECT_THAT(parse_pass_entry("a", "pw\n\n \n"), SizeIs(1));
}

TEST(PassEntry, KeepsEverythingElseInNotes) {
  const auto items =
      parse_pass_entry("a", "pw\nuser: ada\notpauth://totp/x?secret=Y\n\nuser: again\nempty:\n");
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_THAT(items[0].attributes, ElementsAre(Pair("empty", ""), Pair("user", "ada")));
  EXPECT_EQ(items[1].name, "a/notes");
  EXPECT_EQ(text(items[1].value), "otpauth://totp/x?secret=Y\n\nuser: again\n");
}

TEST(PassEntry, KeepsWhatCanBeNoAttributeInNotes) {
  const std::string long_line = "key: " + std::string(1025, 'x');
  const auto items = parse_pass_entry("a", "pw\n" + long_line + "\nbad: \xff\n: x\n");
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_THAT(items[0].attributes, IsEmpty());
  EXPECT_EQ(text(items[1].value), long_line + "\nbad: \xff\n: x\n");
}

TEST(PassEntry, HasNoMoreAttributesThanTheVaultTakes) {
  std::string content = "pw\n";
  for (int i = 0; i < 65; ++i) content += "k" + std::to_string(i) + ": v\n";
  const auto items = parse_pass_entry("a", content);
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_THAT(items[0].attributes, SizeIs(64));
  EXPECT_EQ(text(items[1].value), "k64: v\n");
}

}  // namespace
}  // namespace tacit::cli
