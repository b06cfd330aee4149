#include "cli/masker.h"
#include "client/cpp/base/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tacit::cli {
namespace {

MaskPatterns exactly(const std::vector<std::string>& texts) {
  std::vector<SecretBytes> forms;
  for (const std::string& text : texts) forms.push_back(SecretBytes::copy_of(text));
  return std::move(*MaskPatterns::make(forms));
}

MaskPatterns all_forms(std::string_view value) {
  return std::move(*MaskPatterns::make(masked_forms(SecretBytes::copy_of(value))));
}

std::string masked(const MaskPatterns& patterns, std::string_view text, std::size_t piece = 1000) {
  Masker masker(patterns);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    masker.feed(as_bytes(text.substr(0, piece)), out);
  }
  masker.let_go(out);
  EXPECT_EQ(masker.held(), 0u);
  return out;
}

/// The same by trying every place.
std::string by_trying(const std::vector<std::string>& values, const std::string& text) {
  std::vector<bool> hidden(text.size());
  std::vector<bool> joined(text.size());  // to the byte before
  for (std::size_t end = 1; end <= text.size(); ++end) {
    for (const std::string& value : values) {
      if (value.size() > end || text.compare(end - value.size(), value.size(), value) != 0)
        continue;
      for (std::size_t i = end - value.size(); i < end; ++i) {
        hidden[i] = true;
        joined[i] = joined[i] || i > end - value.size();
      }
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) out += text[i];
    if (hidden[i] && !joined[i]) out += "***";
  }
  return out;
}

TEST(Masker, HidesValuesAndNothingElse) {
  const auto patterns = exactly({"s3cret", "other"});
  EXPECT_EQ(masked(patterns, "a s3cret, another s3cre t s3crets3cret\n"),
            "a ***, an*** s3cre t ******\n");
  EXPECT_EQ(masked(patterns, ""), "");
  EXPECT_EQ(masked(patterns, "s3cre"), "s3cre");
  EXPECT_EQ(masked(exactly({}), "anything"), "anything");
}

TEST(Masker, ValuesInAndOverOthersAreHiddenTogether) {
  const auto patterns = exactly({"abcd", "bc", "cdef"});
  EXPECT_EQ(masked(patterns, "xabcdefx"), "x***x");
  EXPECT_EQ(masked(patterns, "xabcx"), "xa***x");
  EXPECT_EQ(masked(patterns, "abcde"), "***e");
}

TEST(Masker, HoweverItIsCutAndAsTryingEveryPlace) {
  std::mt19937 random(1);
  const auto text_of = [&](std::size_t most) {
    std::string text(1 + random() % most, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 2);
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i <= random() % 3; ++i) values.push_back(text_of(7));
    const std::string text = text_of(40);
    const std::string expected = by_trying(values, text);
    const auto patterns = exactly(values);
    for (const std::size_t piece : {1, 2, 3, 100}) {
      ASSERT_EQ(masked(patterns, text, piece), expected) << text << " less " << values[0];
    }
  }
}

TEST(Masker, HoldsOnlyWhatMayBeginAValue) {
  const auto patterns = exactly({"s3cret"});
  Masker masker(patterns);
  std::string out;
  masker.feed(as_bytes("Name: s3"), out);
  EXPECT_EQ(out, "Name: ");
  EXPECT_EQ(masker.held(), 2u);
  masker.feed(as_bytes("x"), out);
  EXPECT_EQ(out, "Name: s3x");
  masker.feed(as_bytes("s3cret"), out);
  EXPECT_EQ(out, "Name: s3x***") << "it ends here, so nothing is waited for";
}

TEST(Masker, WhatWasLetGoStillBelongsToTheValue) {
  const auto patterns = exactly({"s3cret"});
  Masker masker(patterns);
  std::string out;
  masker.feed(as_bytes("$ s3"), out);
  masker.let_go(out);
  EXPECT_EQ(out, "$ s3");
  masker.feed(as_bytes("cret."), out);
  EXPECT_EQ(out, "$ s3***.");
}

TEST(Masker, LongValuesPassThroughLittleMemory) {
  std::string value;
  std::mt19937 random(2);
  for (int i = 0; i < 300'000; ++i) value += static_cast<char>('a' + random() % 26);
  const auto patterns = all_forms(value);
  EXPECT_EQ(masked(patterns, "<" + value + "><" + value.substr(1) + ">", 4096),
            "<***><" + value.substr(1) + ">");
}

TEST(MaskedForms, ShortValuesHaveNone) {
  EXPECT_TRUE(masked_forms(SecretBytes()).empty());
  EXPECT_TRUE(masked_forms(SecretBytes::copy_of("abc\n")).empty());
  EXPECT_FALSE(masked_forms(SecretBytes::copy_of("abcd")).empty());
}

TEST(MaskedForms, SeveralLinesAsATerminalPrintsThem) {
  const auto patterns = all_forms("one\ntwo\n");
  EXPECT_EQ(masked(patterns, "<one\ntwo\n><one\r\ntwo\r\n><one two>"), "<***\n><***\r\n><one two>");
}

TEST(MaskedForms, EncodedOnes) {
  const auto patterns = all_forms("p/ss w\xc3\xb6rd?");
  for (const char* text : {
           "cC9zcyB3w7ZyZD8=",        // base64 of the value
           "cC9zcyB3w7ZyZD8",         // without padding
           "702f73732077c3b672643f",  // hex
           "702F73732077C3B672643F",  //
           "p%2Fss%20w%C3%B6rd%3F",   // percent
           "p%2fss%20w%c3%b6rd%3f",   //
           "p%2Fss+w%C3%B6rd%3F",     // as a form
       }) {
    const std::string out = masked(patterns, "<" + std::string(text) + ">");
    EXPECT_TRUE(out == "<***>" || out == "<***=>") << out;
  }
  // `user:` before it, `x` behind it.
  EXPECT_EQ(masked(patterns, "dXNlcjpwL3NzIHfDtnJkP3g="), "dXNlcjp***3g=");
  EXPECT_EQ(masked(all_forms("say \"hi\"\n\\"), "{\"v\": \"say \\\"hi\\\"\\n\\\\\"}"),
            "{\"v\": \"***\"}");
}

TEST(MaskPatterns, HaveALimit) {
  std::vector<SecretBytes> forms;
  forms.emplace_back(9 * 1024 * 1024);
  EXPECT_EQ(MaskPatterns::make(forms).error().code, Reason::kLimit);
}

}  // namespace
}  // namespace tacit::cli
