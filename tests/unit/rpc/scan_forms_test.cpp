// How values stand in data: every form is found where an encoder put it, and nothing like it is.
#include "daemon/rpc/scan_forms.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <random>
#include <string>

namespace tacit {
namespace {

std::span<const unsigned char> bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// As the client sees it first: by the fingerprint of a form's window, then by the form itself.
std::vector<ScanForm> found(std::string_view value, std::string_view data) {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
  std::vector<ScanForm> out;
  for (const ValueForm& form : forms_of(bytes(value))) {
    for (const std::size_t window : form.windows) {
      const std::uint32_t wanted = scan_fingerprint(form.text.bytes().data() + window, kMultiplier);
      for (std::size_t place = 0; place + kScanWindow <= data.size(); ++place) {
        if (scan_fingerprint(bytes(data).data() + place, kMultiplier) != wanted) continue;
        // No more of the data than the form says that it needs.
        const ScanReach reach = reach_of(form, window);
        const std::size_t begin = place - std::min(place, reach.before);
        const auto near =
            bytes(data).subspan(begin, std::min(data.size(), place + reach.after) - begin);
        if (stands_at(form, window, near, place - begin)) out.push_back(form.kind);
      }
    }
  }
  return out;
}

bool has(std::string_view value, std::string_view data, ScanForm form) {
  const std::vector<ScanForm> all = found(value, data);
  return std::ranges::find(all, form) != all.end();
}

std::string base64(std::string_view text, int variant) {
  std::string out(sodium_base64_ENCODED_LEN(text.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes(text).data(), text.size(), variant);
  out.resize(out.find('\0'));
  return out;
}

TEST(ScanForms, ShortValuesHaveNone) {
  EXPECT_TRUE(forms_of(bytes("")).empty());
  EXPECT_TRUE(forms_of(bytes("seven77")).empty());
  EXPECT_FALSE(forms_of(bytes("eight888")).empty());
}

TEST(ScanForms, TheValueItself) {
  EXPECT_TRUE(has("hunter2hunter2", "xx hunter2hunter2 yy", ScanForm::kPlain));
  EXPECT_TRUE(has("hunter2hunter2", "hunter2hunter2", ScanForm::kPlain));
  EXPECT_TRUE(found("hunter2hunter2", "hunter2hunter3 Hunter2hunter2 hunter2hunter").empty());
  const std::string binary("\0\xff\n\0\0\0\0\1\2", 9);
  EXPECT_TRUE(has(binary, "x" + binary + "y", ScanForm::kPlain));
}

TEST(ScanForms, Base64AtEachAlignmentInEitherAlphabetPaddedOrNot) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::string value(8 + random() % 40, '\0');
    for (char& c : value) c = static_cast<char>(random());
    std::string before(random() % 7, '\0');
    for (char& c : before) c = static_cast<char>(random());
    const std::string after(random() % 4, 'z');
    for (const int variant :
         {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
          sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
      const std::string data = base64(before + value + after, variant);
      EXPECT_TRUE(has(value, "\"" + data + "\"", ScanForm::kBase64)) << data;
      EXPECT_TRUE(has(value, data, ScanForm::kBase64)) << data;
    }
  }
}

TEST(ScanForms, Base64OfALikeValueIsNoAlarm) {
  // They differ in bits that share a character with their neighbours.
  for (const std::string lead : {"", "a", "ab"}) {
    for (const auto& [value, other] : {std::pair{"passwor1", "passwor2"},
                                       {"Apasswor", "Bpasswor"},
                                       {"passwo11", "passwo1q"},
                                       {"@ssword1", "Pssword1"}}) {
      const std::string data = base64(lead + other + "tail", sodium_base64_VARIANT_ORIGINAL);
      EXPECT_TRUE(found(value, data).empty()) << value << " in " << data;
      EXPECT_TRUE(has(other, data, ScanForm::kBase64)) << other << " in " << data;
    }
  }
}

std::string wrapped(const std::string& text, std::size_t width, std::string_view between) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) {
    out += std::string(at == 0 ? "" : between) + text.substr(at, width);
  }
  return out;
}

std::string hex(std::string_view text) {
  std::string out(2 * text.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes(text).data(), text.size());
  out.pop_back();
  return out;
}

TEST(ScanForms, WrappedEncodingsAtAnyPlaceOfALine) {
  std::mt19937 random(7);
  for (std::size_t lead = 0; lead < 130; ++lead) {
    std::string value(12 + random() % 200, '\0');
    for (char& c : value) c = static_cast<char>(random());
    value.back() = 'z';  // a line end would be no part of it
    const std::string data = std::string(lead, 'x') + value + std::string(80, 'y');
    for (const std::size_t width : {16, 60, 64, 76}) {
      for (const char* line_end : {"\n", "\r\n", "\n          ", "\\n", "\\r\\n"}) {
        EXPECT_TRUE(has(value,
                        wrapped(base64(data, sodium_base64_VARIANT_ORIGINAL), width, line_end),
                        ScanForm::kBase64))
            << lead << " " << width;
        EXPECT_TRUE(has(value, wrapped(hex(data), width, line_end), ScanForm::kHex));
      }
    }
    std::string other = data;
    other[lead + value.size() - 1] ^= 1;
    EXPECT_TRUE(
        found(value, wrapped(base64(other, sodium_base64_VARIANT_ORIGINAL), 64, "\n")).empty());
  }
}

TEST(ScanForms, LineEndsAtTheEndAreNoPartOfAValue) {
  EXPECT_TRUE(has("hunter2hunter2\n", "x = 'hunter2hunter2'", ScanForm::kPlain));
  EXPECT_TRUE(has("hunter2hunter2\r\n", "x = 'hunter2hunter2'", ScanForm::kPlain));
  EXPECT_TRUE(has("hunter2hunter2\n", base64("hunter2hunter2\n", sodium_base64_VARIANT_ORIGINAL),
                  ScanForm::kBase64));
  EXPECT_TRUE(forms_of(bytes("seven77\n\n")).empty());
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// Lines of 64 like a key's, the last one short.
std::string key_like(std::string_view name) {
  std::mt19937 random(8);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string key = "-----BEGIN " + std::string(name) + "-----\n";
  for (const std::size_t size : {64, 64, 64, 10}) {
    for (std::size_t i = 0; i < size; ++i) key += kDigits[random() % 64];
    key += '\n';
  }
  return key + "-----END " + std::string(name) + "-----\n";
}

TEST(ScanForms, SeveralLinesInAnyLayout) {
  for (const std::string& value :
       {key_like("PRIVATE KEY"), std::string("a phrase\nand another one\n\nof words\n"),
        std::string("  user: me\n  pass: \"word\"\n")}) {
    const std::string body = value.substr(0, value.size() - 1);
    for (const char* line_end :
         {"\n", "\r\n", "\n    ", "\r\n\t\t", "\\n", "\\r\\n", "\\n  ", ""}) {
      const bool blanks_only_there = value.front() == ' ' && *line_end == '\0';
      if (blanks_only_there) continue;
      EXPECT_TRUE(has(value, "x" + replaced(body, "\n", line_end) + "x", ScanForm::kPlain))
          << line_end << value;
    }
    const std::string crlf = replaced(value, "\n", "\r\n");
    EXPECT_TRUE(has(value, base64(crlf, sodium_base64_VARIANT_ORIGINAL), ScanForm::kBase64));
    std::string other = body;
    other.back() ^= 1;
    if (value.size() < 100) {
      EXPECT_TRUE(found(value, replaced(other, "\n", "\n  ")).empty());
    }
  }
  EXPECT_TRUE(has("{\n \"a\": \"b\\c\"\n}", R"("{\n \"a\": \"b\\c\"\n}")", ScanForm::kPlain));
}

TEST(ScanForms, Base64OfWhatWasIndented) {
  const std::string key = key_like("PRIVATE KEY");
  for (const char* indentation : {"  ", "    ", "\t", "> "}) {
    const std::string data =
        base64("key: |\n" + replaced(key, "\n", "\n" + std::string(indentation)),
               sodium_base64_VARIANT_ORIGINAL);
    EXPECT_TRUE(has(key, data, ScanForm::kBase64)) << indentation;
    EXPECT_TRUE(has(key, wrapped(data, 76, "\\n"), ScanForm::kBase64)) << indentation;
  }
  const std::string certificate = key_like("CERTIFICATE");
  EXPECT_TRUE(found(certificate + "x",
                    base64(replaced(certificate, "\n", "\n  "), sodium_base64_VARIANT_ORIGINAL))
                  .empty());
}

TEST(ScanForms, AsEncodersOfJsonWriteThem) {
  const std::string value = "a/b<c>w\xc3\xb6rd";
  for (const char* text : {"a\\/b<c>w\\u00f6rd", "a\\/b<c>w\xc3\xb6rd", "a/b<c>w\\u00f6rd",
                           "a/b\\u003cc\\u003ew\xc3\xb6rd", "a/b\\u003Cc\\u003Ew\\u00F6rd"}) {
    EXPECT_TRUE(has(value, "{\"v\": \"" + std::string(text) + "\"}", ScanForm::kPlain)) << text;
  }
  EXPECT_TRUE(found(value, "a\\/b<c>w\\u00f7rd").empty());
  const std::string key = key_like("PRIVATE KEY");
  ASSERT_NE(key.find('/'), std::string::npos);
  EXPECT_TRUE(has(key, replaced(replaced(key, "/", "\\/"), "\n", "\\n"), ScanForm::kPlain));
}

TEST(ScanForms, ABackslashBeforeBase64IsNoLineEnd) {
  const std::string value = "\x9e\xa1kitten-0123456789";
  const std::string data = base64(value, sodium_base64_VARIANT_ORIGINAL);
  ASSERT_EQ(data[0], 'n');
  EXPECT_TRUE(has(value, "C:\\" + data, ScanForm::kBase64));
}

TEST(ScanForms, TellingLinesByThemselves) {
  const std::string key = key_like("PRIVATE KEY");
  const std::string one = key.substr(key.find('\n') + 1, 64);
  EXPECT_TRUE(has(key, "+ " + one + "\n", ScanForm::kPlain));
  EXPECT_TRUE(found(key, one.substr(1)).empty());
  EXPECT_TRUE(found(key, "-----BEGIN PRIVATE KEY-----\n").empty());
  // What is public, and what all keys have.
  const std::string certificate = key_like("CERTIFICATE");
  EXPECT_TRUE(found(certificate + "x", one).empty());
  const std::string common =
      "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";
  EXPECT_TRUE(found("-----BEGIN OPENSSH PRIVATE KEY-----\n" + common + "\n" + one, common).empty());
  const std::string account =
      "{\n  \"type\": \"service_account\",\n  \"auth_uri\": "
      "\"https://accounts.google.com/o/oauth2/auth\",\n  \"private_key_id\": "
      "\"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567\"\n}";
  EXPECT_TRUE(found(account,
                    "  \"auth_uri\": \"https://accounts.google.com/o/oauth2/auth\",\n"
                    "  \"type\": \"service_account\",\n")
                  .empty());
  EXPECT_TRUE(has(account, "\"private_key_id\": \"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567\"",
                  ScanForm::kPlain));
}

TEST(ScanForms, HexInEitherCase) {
  EXPECT_TRUE(has("kitten\xff\xab", "0x6b697474656effab;", ScanForm::kHex));
  EXPECT_TRUE(has("kitten\xff\xab", "6B697474656EFFAB", ScanForm::kHex));
  EXPECT_TRUE(found("kitten\xff\xab", "6b697474656effaa").empty());
}

TEST(ScanForms, PercentEncodedAsEncodersDoIt) {
  const std::string value = "p@ss wörd/!*'()~";
  for (const std::string data :
       {"p%40ss%20w%C3%B6rd%2F%21%2A%27%28%29~", "p%40ss%20w%c3%b6rd%2f%21%2a%27%28%29~",
        "p%40ss%20w%C3%B6rd/%21%2A%27%28%29~", "p%40ss%20w%C3%B6rd%2F!*'()~",
        "p%40ss+w%C3%B6rd%2F%21%2A%27%28%29~", "p%40ss+w%C3%B6rd%2F%21*%27%28%29%7E"}) {
    EXPECT_TRUE(has(value, "https://me:" + data + "@host/", ScanForm::kUrl)) << data;
  }
  EXPECT_TRUE(found(value, "p%40ss%20w%C3%B6rd%2F%21%2A%27%28%2A~").empty());
  // What needs no encoding is told once.
  EXPECT_EQ(found("plain-value_1", "plain-value_1"), std::vector{ScanForm::kPlain});
}

TEST(ScanForms, OfALongValueTheBeginningIsLookedFor) {
  std::string value(kScannedBytes + 1000, '\0');
  std::mt19937 random(6);
  for (char& c : value) c = static_cast<char>(random());
  EXPECT_TRUE(has(value, "x" + value, ScanForm::kPlain));
  std::string changed = value;
  changed[kScannedBytes - 1] ^= 1;
  EXPECT_FALSE(has(value, changed, ScanForm::kPlain));
  for (const ValueForm& form : forms_of(bytes(value))) {
    EXPECT_LE(form.text.size(), 3 * kScannedBytes);
  }
}

TEST(ScanForms, AWindowTellsMoreThanACommonBeginning) {
  const std::string value = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
  const std::vector<ValueForm> forms = forms_of(bytes(value));
  EXPECT_GT(forms.front().windows.front(), 10u);
  const std::string dull(50, 'a');
  for (const ValueForm& form : forms_of(bytes(dull))) {
    for (const std::size_t window : form.windows) {
      EXPECT_LE(window + kScanWindow, form.text.size());
    }
  }
}

}  // namespace
}  // namespace tacit
