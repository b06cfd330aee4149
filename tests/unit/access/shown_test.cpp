#include "daemon/access/shown.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit {
namespace {

const std::string kGone = "\xEF\xBF\xBD";

TEST(Shown, OrdinaryTextOfAnyScriptStaysAsItIs) {
  for (const std::string text : {"", "/usr/bin/python3.11", "naïve café", "データ", "שלום", "🔑"}) {
    EXPECT_EQ(shown(text), text);
  }
}

TEST(Shown, ControlCharactersAndLineEndsAreReplaced) {
  EXPECT_EQ(shown("a\nb"), "a" + kGone + "b");
  EXPECT_EQ(shown("a\r\x1b[2Kb\t"), "a" + kGone + kGone + "[2Kb" + kGone);
  EXPECT_EQ(shown(std::string_view("\0x\x7f", 3)), kGone + "x" + kGone);
  EXPECT_EQ(shown("\xC2\x85\xC2\x9B"), kGone + kGone);  // NEL and CSI
  EXPECT_EQ(shown("a\u2028b\u2029"), "a" + kGone + "b" + kGone);
}

TEST(Shown, NothingTurnsTheDirectionOfTextOrHides) {
  for (const std::string hidden :
       {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066",     "\u2067", "\u2068",
        "\u2069", "\u200E", "\u200F", "\u061C", "\u200B", "\u200D",     "\u2060", "\u00AD",
        "\uFEFF", "\uFE0F", "\u3164", "\u115F", "\uFFA0", "\U000E0041", "\uFFFC"}) {
    EXPECT_EQ(shown("exe" + hidden + "gnp"), "exe" + kGone + "gnp");
  }
}

TEST(Shown, BytesThatAreNotUtf8AreReplacedOneByOne) {
  EXPECT_EQ(shown("\xFF"), kGone);
  EXPECT_EQ(shown("a\xC3"), "a" + kGone);                               // cut
  EXPECT_EQ(shown("\xC0\xAF"), kGone + kGone);                          // overlong /
  EXPECT_EQ(shown("\xE0\x80\xAF"), kGone + kGone + kGone);              // overlong /
  EXPECT_EQ(shown("\xED\xA0\x80"), kGone + kGone + kGone);              // surrogate
  EXPECT_EQ(shown("\xF4\x90\x80\x80"), kGone + kGone + kGone + kGone);  // past the last
  EXPECT_EQ(shown("\xC3(x"), kGone + "(x");                             // what follows is not eaten
}

TEST(Shown, LongTextKeepsBothEndsAndWholeCharacters) {
  const std::string path = "/home/" + std::string(600, 'x') + "/deploy.sh";
  const std::string text = shown(path, 64);
  EXPECT_EQ(text.size(), 64u);
  EXPECT_TRUE(text.starts_with("/home/"));
  EXPECT_TRUE(text.ends_with("/deploy.sh"));
  EXPECT_NE(text.find("..."), std::string::npos);
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += "\u30C7";
  for (std::size_t longest = 16; longest < 40; ++longest) {
    const std::string cut = shown(wide, longest);
    EXPECT_LE(cut.size(), longest);
    EXPECT_EQ(cut, shown(cut)) << "not UTF-8 at " << longest;
  }
  EXPECT_LE(shown(path, 0).size(), 16u);
}

}  // namespace
}  // namespace tacit
