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
    const std::uint32_t wanted =
        scan_fingerprint(form.text.bytes().data() + form.window, kMultiplier);
    for (std::size_t place = 0; place + kScanWindow <= data.size(); ++place) {
      if (scan_fingerprint(bytes(data).data() + place, kMultiplier) != wanted) continue;
      if (place >= form.window && stands_at(form, bytes(data), place - form.window)) {
        out.push_back(form.kind);
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
  EXPECT_GT(forms.front().window, 10u);
  const std::string dull(50, 'a');
  EXPECT_LE(forms_of(bytes(dull)).front().window + kScanWindow, dull.size());
}

}  // namespace
}  // namespace tacit
