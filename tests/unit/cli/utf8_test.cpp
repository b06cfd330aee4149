#include "cli/utf8.h"

#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

std::size_t sequence(std::string_view text) {
  return utf8_sequence({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

TEST(Utf8Sequence, MeasuresWellFormedOnes) {
  EXPECT_EQ(sequence("a"), 1u);
  EXPECT_EQ(sequence("\xc3\xa4z"), 2u);
  EXPECT_EQ(sequence("\xe2\x82\xac"), 3u);
  EXPECT_EQ(sequence("\xf0\x9f\x94\x91"), 4u);
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_EQ(sequence(bad), 0u);
  }
  EXPECT_EQ(sequence(""), 0u);
}

TEST(Printable, KeepsTextAndShowsControlCharacters) {
  EXPECT_EQ(printable("a\xc3\xa4 b"), "a\xc3\xa4 b");
  EXPECT_EQ(printable("a\x1b[31m\n\x7f\xc2\x9b\xff"), "a\\x1b[31m\\x0a\\x7f\\xc2\\x9b\\xff");
}

TEST(Printable, ShowsWhatReordersALineOrCannotBeSeen) {
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\xe2\\x80\\xaeb");  // U+202E
  for (const char* text :
       {"\xd8\x9c", "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xaa",
        "\xe2\x81\xa6", "\xe2\x81\xa9", "\xef\xbb\xbf", "\xc2\xad", "\xf3\xa0\x80\xa1"}) {
    EXPECT_TRUE(has_control(text)) << printable(text);
  }
  // Neighbours of them, and the joiners that scripts are written with.
  for (const char* text :
       {"\xd8\x9b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x90", "\xe2\x80\xaf", "\xe2\x81\x9f",
        "\xe2\x81\xb0", "\xef\xbb\xbe", "\xc2\xae", "\xc2\xa0"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(HasControl, SeesC0DelC1AndMalformedBytes) {
  EXPECT_FALSE(has_control("plain \xc3\xa4"));
  for (const char* text : {"a\nb", "\x1b", "\x7f", "\xc2\x85", "\xff"}) {
    EXPECT_TRUE(has_control(text));
  }
}

}  // namespace
}  // namespace tacit::cli
