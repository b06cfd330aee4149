#include "cli/masker.h"
#include "client/cpp/base/utf8.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <random>
#include <string>
#include <vector>

namespace tacit::cli {
namespace {

MaskPatterns exactly(const std::vector<std::string>& texts) {
  std::vector<MaskForm> forms;
  for (const std::string& text : texts) forms.push_back({SecretBytes::copy_of(text)});
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

/// Like a key in PEM; its last line is short.
std::string key_like(unsigned seed) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937 random(seed);
  std::string key = "-----BEGIN PRIVATE KEY-----\n";
  for (const std::size_t size : {64, 64, 64, 6}) {
    for (std::size_t i = 0; i < size; ++i) key += kDigits[random() % 64];
    key += '\n';
  }
  return key + "-----END PRIVATE KEY-----\n";
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string wrapped(const std::string& text, std::size_t width, std::string_view between) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) {
    out += std::string(at == 0 ? "" : between) + text.substr(at, width);
  }
  return out;
}

std::string base64(std::string_view text) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_ENCODED_LEN(text.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), as_bytes(text).data(), text.size(), kVariant);
  out.resize(out.find('\0'));
  return out;
}

TEST(MaskedForms, SeveralLinesInAnyLayout) {
  const std::string key = key_like(7);
  const std::string body = key.substr(0, key.size() - 1);
  const auto patterns = all_forms(key);
  for (const char* line_end : {"\n", "\r\n", "\n    ", "\r\n\t\t", "\\n", ""}) {
    for (const std::size_t piece : {1, 7, 1000}) {
      EXPECT_EQ(masked(patterns, "<" + replaced(body, "\n", line_end) + ">", piece), "<***>")
          << line_end;
    }
  }
  // The indentation is what it was, if another text goes on.
  EXPECT_EQ(masked(patterns, "-----BEGIN\n  x"), "-----BEGIN\n  x");
}

TEST(MaskedForms, TellingLinesByThemselves) {
  const std::string key = key_like(8);
  const auto patterns = all_forms(key);
  const std::string one = key.substr(key.find('\n') + 1, 64);
  EXPECT_EQ(masked(patterns, "log: " + one + "; " + one.substr(1)), "log: ***; " + one.substr(1));
  EXPECT_EQ(masked(patterns, "-----BEGIN PRIVATE KEY-----\n"), "-----BEGIN PRIVATE KEY-----\n");
  const auto config = all_forms("[main]\nurl = https://example.org/\ntoken = a1b2c3d4e5f6a7b8c9\n");
  EXPECT_EQ(masked(config, "url = https://example.org/\n  token = a1b2c3d4e5f6a7b8c9\n"),
            "url = https://example.org/\n  ***\n");
}

TEST(MaskedForms, WrappedBase64AndHex) {
  const std::string token = "kitten-0123456789-kitten-0123456789";
  for (const std::string& value : {token, key_like(9)}) {
    const auto patterns = all_forms(value);
    for (const std::size_t lead : {0, 1, 20, 47, 61}) {
      const std::string before(lead, 'x');
      const std::string text = base64(before + value + std::string(100, 'y'));
      // What is not decided by the value alone is shown, but for that.
      const std::string hidden = masked(patterns, text);
      ASSERT_LT(hidden.size(), text.size() - value.size());
      for (const std::size_t width : {64, 76}) {
        for (const char* line_end : {"\n", "\r\n", "\n      ", "\\n", "\\r\\n"}) {
          const std::string out = masked(patterns, wrapped(text, width, line_end), 5);
          EXPECT_EQ(replaced(out, line_end, ""), hidden) << lead << " " << width;
        }
      }
    }
    const std::string base64_of_file = wrapped(base64(value), 76, "\n") + "\n";
    EXPECT_LE(masked(patterns, base64_of_file).size(), 9u) << masked(patterns, base64_of_file);
  }
  EXPECT_EQ(masked(all_forms("kitten-0123"), "6b697474\n656e2d30313233\n"), "***\n");
}

TEST(MaskedForms, Base64OfWhatWasIndented) {
  const std::string key = key_like(10);
  const auto patterns = all_forms(key);
  for (const char* indentation : {"  ", "    ", "\t", "> "}) {
    const std::string text =
        base64("key: |\n" + replaced(key, "\n", "\n" + std::string(indentation)));
    for (const std::string& shown : {text, wrapped(text, 76, "\n"), wrapped(text, 76, "\\n")}) {
      const std::string out = masked(patterns, shown, 5);
      // Of each line all but the digits that it shares with its neighbours; the last is too short.
      EXPECT_LE(replaced(out, "***", "").size(), shown.size() - 3 * 84U) << indentation << out;
    }
  }
}

TEST(MaskedForms, AsEncodersOfJsonWriteThem) {
  const std::string value = "a/b<c>&d='e'+`\"\\ w\xc3\xb6rd \xf0\x9f\x98\x80 \xe2\x80\xa8 end";
  const auto patterns = all_forms(value);
  for (
      const char* text : {
          "a/b<c>&d='e'+`\\\"\\\\ w\xc3\xb6rd \xf0\x9f\x98\x80 \xe2\x80\xa8 end",    // JavaScript
          "a/b<c>&d='e'+`\\\"\\\\ w\\u00f6rd \\ud83d\\ude00 \\u2028 end",            // Python
          "a\\/b<c>&d='e'+`\\\"\\\\ w\\u00f6rd \\ud83d\\ude00 \\u2028 end",          // PHP
          "a\\/b<c>&d='e'+`\\\"\\\\ w\xc3\xb6rd \xf0\x9f\x98\x80 \xe2\x80\xa8 end",  //
          "a/b\\u003cc\\u003e\\u0026d='e'+`\\\"\\\\ w\xc3\xb6rd \xf0\x9f\x98\x80 \\u2028 end",  // Go
          "a/b\\u003cc\\u003e\\u0026d\\u003d\\u0027e\\u0027+`\\\"\\\\ w\xc3\xb6rd \xf0\x9f\x98\x80 "
          "\\u2028 end",  // Gson
          "a/b\\u003Cc\\u003E\\u0026d=\\u0027e\\u0027\\u002B\\u0060\\u0022\\\\ w\\u00F6rd "
          "\\uD83D\\uDE00 \\u2028 end",  // .NET
      }) {
    EXPECT_EQ(masked(patterns, "{\"v\": \"" + std::string(text) + "\"}", 3), "{\"v\": \"***\"}");
  }
  // A key in PHP's, of which base64 has slashes.
  std::string key = key_like(11);
  key.pop_back();
  const std::string in_php = replaced(replaced(key, "/", "\\/"), "\n", "\\n");
  ASSERT_NE(in_php.find("\\/"), std::string::npos);
  EXPECT_EQ(masked(all_forms(key), "\"" + in_php + "\""), "\"***\"");
}

TEST(Masker, ABackslashBeforeAnEncodedValueIsNoLineEnd) {
  const std::string value = "\x9e\xa1kitten-012345678901";  // in base64 it begins with n
  const std::string text = base64(value);
  ASSERT_EQ(text[0], 'n');
  for (const std::size_t piece : {1, 100}) {
    EXPECT_EQ(masked(all_forms(value), "C:\\" + text + ".", piece), "C:\\***.");
    EXPECT_EQ(masked(all_forms(value), "C:\\n" + text + ".", piece), "C:\\n***.");
  }
}

TEST(Masker, ManyBlanksEndWhatMayGoOn) {
  const auto patterns = all_forms("one\ntwo");
  Masker masker(patterns);
  std::string out;
  masker.feed(as_bytes("one\n"), out);
  EXPECT_EQ(out, "");
  for (int i = 0; i < 1000; ++i) masker.feed(as_bytes(" "), out);
  EXPECT_EQ(masker.held(), 0u);
  EXPECT_EQ(out, "one\n" + std::string(1000, ' '));
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
           "p/ss%20w%C3%B6rd%3F",     // as a path
       }) {
    const std::string out = masked(patterns, "<" + std::string(text) + ">");
    EXPECT_TRUE(out == "<***>" || out == "<***=>") << out;
  }
  EXPECT_EQ(masked(all_forms("it's (a) secret!*"), "it's%20(a)%20secret!*"), "***");
  EXPECT_EQ(masked(all_forms("it's (a) secret!*"), "it%27s+%28a%29+secret%21*"), "***");
  // `user:` before it, `x` behind it.
  EXPECT_EQ(masked(patterns, "dXNlcjpwL3NzIHfDtnJkP3g="), "dXNlcjp***3g=");
  EXPECT_EQ(masked(all_forms("say \"hi\"\n\\"), "{\"v\": \"say \\\"hi\\\"\\n\\\\\"}"),
            "{\"v\": \"***\"}");
}

TEST(MaskPatterns, HaveALimit) {
  std::vector<MaskForm> forms;
  forms.push_back({SecretBytes(13 * 1024 * 1024)});
  EXPECT_EQ(MaskPatterns::make(forms).error().code, Reason::kLimit);
}

}  // namespace
}  // namespace tacit::cli
