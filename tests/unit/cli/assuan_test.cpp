#include "cli/pinentry/assuan.h"

#include <gtest/gtest.h>

#include <cstring>

namespace tacit::cli {
namespace {

std::span<const unsigned char> as_bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string text_of(std::span<const unsigned char> bytes) { return {bytes.begin(), bytes.end()}; }

AssuanLine::Kind kind_of(std::string_view line) { return parse_assuan(as_bytes(line)).kind; }

std::optional<std::string> unescaped(std::string_view text) {
  SecretBuffer out;
  if (!assuan_unescape(as_bytes(text), out)) return {};
  return text_of(out.bytes());
}

TEST(AssuanLine, KnowsTheAnswers) {
  using Kind = AssuanLine::Kind;
  EXPECT_EQ(kind_of("OK"), Kind::kOk);
  EXPECT_EQ(kind_of("OK Pleased to meet you"), Kind::kOk);
  EXPECT_EQ(kind_of("S PASSWORD_FROM_CACHE"), Kind::kStatus);
  EXPECT_EQ(kind_of("# a comment"), Kind::kIgnore);
  EXPECT_EQ(kind_of(""), Kind::kIgnore);
  EXPECT_EQ(kind_of("D abc"), Kind::kData);
  EXPECT_EQ(kind_of("ERR 83886179 Operation cancelled <Pinentry>"), Kind::kError);
}

TEST(AssuanLine, TellsTheErrorsApart) {
  EXPECT_EQ(parse_assuan(as_bytes("ERR 83886179 cancelled")).code, 83886179U);
  EXPECT_EQ(parse_assuan(as_bytes("ERR 83886194")).code, 83886194U);
  EXPECT_EQ(parse_assuan(as_bytes("ERR 83886142 timeout")).code, 83886142U);
}

TEST(AssuanLine, TakesNothingElseForAnAnswer) {
  for (const char* line : {"OKAY", "ok", "Data", "ERR", "ERR ", "ERR x", "ERR 99999999999999",
                           "INQUIRE X", "password", " OK", "END"}) {
    EXPECT_EQ(kind_of(line), AssuanLine::Kind::kOther) << line;
  }
}

TEST(AssuanLine, KeepsBlanksOfTheData) {
  EXPECT_EQ(text_of(parse_assuan(as_bytes("D  two blanks ")).rest), " two blanks ");
}

TEST(AssuanUnescape, UndoesWhatTheServerEscaped) {
  EXPECT_EQ(unescaped("100%25"), "100%");
  EXPECT_EQ(unescaped("a%0Ab%0Dc"), "a\nb\rc");
  EXPECT_EQ(unescaped("%250A"), "%0A");
  EXPECT_EQ(unescaped("%c3%A4"), "ä");
  EXPECT_EQ(unescaped(""), "");
}

TEST(AssuanUnescape, RefusesWhatIsBroken) {
  for (const char* text : {"%", "a%2", "%zz", "%2x", "50% off"}) EXPECT_FALSE(unescaped(text));
}

TEST(AssuanCommand, EscapesTheRightWayRound) {
  EXPECT_EQ(assuan_command("SETDESC", "100%\nof\r\n%0A"), "SETDESC 100%25%0Aof%0D%0A%250A\n");
}

TEST(AssuanCommand, WhatWasEscapedIsWhatIsRead) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  const std::string line = assuan_command("SETDESC", all);
  EXPECT_EQ(unescaped(std::string_view(line).substr(8, line.size() - 9)), all);
}

TEST(AssuanCommand, CutsBetweenCharactersAndSaysSo) {
  for (const char* piece : {"a", "%", "\n", "ä", "鍵", "🔑"}) {
    for (std::size_t before = 0; before < 8; ++before) {
      std::string text(before, 'x');
      while (text.size() < 2000) text += piece;
      const std::string line = assuan_command("SETDESC", text);
      EXPECT_LE(line.size() - 1, kMaxAssuanLine);
      EXPECT_GT(line.size(), kMaxAssuanLine - 16);
      EXPECT_EQ(line.substr(line.size() - 4), "...\n");
      const auto shown = unescaped(std::string_view(line).substr(8, line.size() - 12));
      ASSERT_TRUE(shown);
      EXPECT_EQ((shown->size() - before) % std::strlen(piece), 0U);
      EXPECT_TRUE(text.starts_with(*shown));
    }
  }
}

TEST(AssuanCommand, KeepsWhatJustFits) {
  const std::string text(kMaxAssuanLine - 8, 'x');
  EXPECT_EQ(assuan_command("SETDESC", text), "SETDESC " + text + "\n");
  EXPECT_EQ(assuan_command("SETDESC", text + "x"),
            "SETDESC " + text.substr(0, text.size() - 3) + "...\n");
}

void feed(AssuanLines& lines, std::string_view text) {
  const auto room = lines.room();
  ASSERT_LE(text.size(), room.size());
  std::memcpy(room.data(), text.data(), text.size());
  lines.filled(text.size());
}

TEST(AssuanLines, CutsPiecesIntoLines) {
  AssuanLines lines;
  feed(lines, "OK one\r\nD tw");
  EXPECT_EQ(text_of(*lines.next()), "OK one");
  EXPECT_FALSE(lines.next());
  feed(lines, "o\n\nOK\n");
  EXPECT_EQ(text_of(*lines.next()), "D two");
  EXPECT_EQ(text_of(*lines.next()), "");
  EXPECT_EQ(text_of(*lines.next()), "OK");
  EXPECT_FALSE(lines.next());
  EXPECT_FALSE(lines.too_long());
}

TEST(AssuanLines, RefusesALineThatIsTooLong) {
  AssuanLines lines;
  feed(lines, std::string(kMaxAssuanLine, 'x') + "\n");
  EXPECT_EQ(lines.next()->size(), kMaxAssuanLine);
  feed(lines, std::string(kMaxAssuanLine + 1, 'x'));
  EXPECT_FALSE(lines.next());
  EXPECT_TRUE(lines.too_long());
  EXPECT_TRUE(lines.room().empty());
  EXPECT_FALSE(lines.next());
}

}  // namespace
}  // namespace tacit::cli
