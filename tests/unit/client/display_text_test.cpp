#include "client/cpp/terminal/display_text.h"

#include <gtest/gtest.h>

namespace tacit {
namespace {

TEST(Visible, KeepsOrdinaryText) {
  EXPECT_EQ(visible("a path/with späces and 鍵 🔑"), "a path/with späces and 鍵 🔑");
  EXPECT_EQ(visible(""), "");
}

TEST(Visible, ShowsWhatSteersATerminalOrBreaksALine) {
  EXPECT_EQ(visible("a\nb\r\x1b[2J\x7f"), "a\\x0ab\\x0d\\x1b[2J\\x7f");
  EXPECT_EQ(visible("\xc2\x9b"
                    "31m"),
            "\\u{9b}31m");
  EXPECT_EQ(visible(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(visible("\xff\xc3"), "\\xff\\xc3");
}

TEST(Visible, ShowsWhatTurnsTheDirectionOfWriting) {
  EXPECT_EQ(visible("/bin/\u202egnp.sh"), "/bin/\\u{202e}gnp.sh");
  for (const char* mark : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202d", "\u2066", "\u2069"}) {
    EXPECT_TRUE(visible(mark).starts_with("\\u{")) << mark;
  }
}

TEST(Visible, ShowsWhatIsNotSeen) {
  for (const char* unseen : {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2028", "\u2029", "\u3164",
                             "\ufeff", "\U000e0041", "\u00a0", "\u2003"}) {
    EXPECT_TRUE(visible(unseen).starts_with("\\u{")) << unseen;
  }
}

TEST(Visible, LeavesItsOwnWordsAsTheyAre) {
  const std::string once = visible("a\n\u202e\xff");
  EXPECT_EQ(visible(once), once);
}

TEST(Shortened, KeepsBothEnds) {
  EXPECT_EQ(shortened("short", 8), "short");
  EXPECT_EQ(shortened("0123456789", 10), "0123456789");
  EXPECT_EQ(shortened("0123456789a", 10), "012...789a");
  EXPECT_EQ(shortened("ääääääääää", 8), "ää...äää");
}

}  // namespace
}  // namespace tacit
