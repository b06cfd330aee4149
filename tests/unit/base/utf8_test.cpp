#include "client/cpp/base/utf8.h"

#include <gtest/gtest.h>

namespace tacit {
namespace {

TEST(Utf8Sequence, MeasuresWellFormedOnes) {
  EXPECT_EQ(utf8_sequence(as_bytes("a")), 1u);
  EXPECT_EQ(utf8_sequence(as_bytes("\xc3\xa4z")), 2u);
  EXPECT_EQ(utf8_sequence(as_bytes("\xe2\x82\xac")), 3u);
  EXPECT_EQ(utf8_sequence(as_bytes("\xf0\x9f\x94\x91")), 4u);
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_sequence(as_bytes(bad)), 0u);
  }
  EXPECT_EQ(utf8_sequence(as_bytes("")), 0u);
}

TEST(CodePoint, IsReadFromEachLength) {
  EXPECT_EQ(code_point(as_bytes("a")), 0x61u);
  EXPECT_EQ(code_point(as_bytes("\xc3\xa4")), 0xe4u);
  EXPECT_EQ(code_point(as_bytes("\xe2\x82\xac")), 0x20acu);
  EXPECT_EQ(code_point(as_bytes("\xf0\x9f\x94\x91")), 0x1f511u);
}

TEST(FindInvalidUtf8, TellsWhereTheFirstBadByteIs) {
  EXPECT_EQ(find_invalid_utf8("a\xc3\xa4"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("a\xc3\xa4\xff"), 3u);
  EXPECT_EQ(find_invalid_utf8("ab\xe2\x82"), 2u);
}

}  // namespace
}  // namespace tacit
