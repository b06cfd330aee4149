#include "tacit/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tacit {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto parsed = parse_reference(text);
  if (parsed) return "(parsed)";
  EXPECT_EQ(parsed.error().code, Reason::kInvalidArgument);
  return parsed.error().message;
}

TEST(Reference, NamesAnItem) {
  const auto parsed = parse_reference("tacit://work/db/password");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->collection, "work");
  EXPECT_EQ(parsed->name, "db/password");
  EXPECT_FALSE(parsed->attribute);
  EXPECT_EQ(parsed->version, 0U);
}

TEST(Reference, NamesAnAttributeOfAVersion) {
  const auto parsed = parse_reference("tacit://default/mail?attribute=user%20name&version=3");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->attribute, "user name");
  EXPECT_EQ(parsed->version, 3U);
}

TEST(Reference, PercentEncodingGivesEveryByteButNul) {
  const auto parsed = parse_reference("tacit://a%2Fb/c%3f%23%25%0A+%c3%a9");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->collection, "a/b");
  EXPECT_EQ(parsed->name, "c?#%\n+\xC3\xA9");
}

TEST(Reference, ErrorsNameThePlace) {
  EXPECT_THAT(error_of("http://x/y"), HasSubstr("`tacit://` at character 1"));
  EXPECT_THAT(error_of("TACIT://x/y"), HasSubstr("`tacit://` at character 1"));
  EXPECT_THAT(error_of("tacit://work"), HasSubstr("a name must follow"));
  EXPECT_THAT(error_of("tacit://work?version=1"), HasSubstr("a name must follow"));
  EXPECT_THAT(error_of("tacit:///name"), HasSubstr("collection is empty"));
  EXPECT_THAT(error_of("tacit://work/"), HasSubstr("name is empty"));
  EXPECT_THAT(error_of("tacit://work/a%2"), HasSubstr("digits after it at character 15"));
  EXPECT_THAT(error_of("tacit://work/a%zz"), HasSubstr("digits after it at character 15"));
  EXPECT_THAT(error_of("tacit://work/a%00b"), HasSubstr("NUL"));
  EXPECT_THAT(error_of("tacit://work/a%ff"), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of("tacit://work/a#b"), HasSubstr("`%23`"));
  EXPECT_THAT(error_of("tacit://w/n?"), HasSubstr("at character 13"));
  EXPECT_THAT(error_of("tacit://w/n?versoin=1"), HasSubstr("unknown key at character 13"));
  EXPECT_THAT(error_of("tacit://w/n?version=1&version=1"), HasSubstr("twice at character 23"));
  EXPECT_THAT(error_of("tacit://w/n?attribute=a&attribute=a"), HasSubstr("twice"));
  EXPECT_THAT(error_of("tacit://w/n?attribute="), HasSubstr("attribute is empty"));
  EXPECT_THAT(error_of("tacit://w/n?version=1&"), HasSubstr("at character 23"));
  for (const char* version : {"", "0", "-1", "+1", "01", "1x", "1.0", "18446744073709551616"}) {
    EXPECT_THAT(error_of("tacit://w/n?version=" + std::string(version)),
                HasSubstr("whole number from 1 at character 21"))
        << version;
  }
}

TEST(Reference, LengthsAreBounded) {
  const std::string longest(kMaxNameBytes, 'n');
  EXPECT_TRUE(parse_reference("tacit://c/" + longest).ok());
  EXPECT_THAT(error_of("tacit://c/" + longest + "n"), HasSubstr("1025 bytes"));
  EXPECT_THAT(error_of("tacit://c/" + std::string(1'000'000, 'n')), HasSubstr("bytes long"));

  std::string encoded = "tacit://";
  for (std::size_t i = 0; i < kMaxNameBytes; ++i) encoded += "%41";
  encoded += '/';
  for (std::size_t i = 0; i < kMaxNameBytes; ++i) encoded += "%42";
  EXPECT_TRUE(parse_reference(encoded + "?version=18446744073709551615").ok());
}

TEST(Reference, TextAndBackIsTheSame) {
  std::string every_byte;
  for (int c = 1; c < 128; ++c) every_byte.push_back(static_cast<char>(c));
  for (const std::string& word :
       {std::string("plain"), every_byte, std::string("\xF0\x9F\x94\x91 %2F"), std::string("..")}) {
    for (const std::uint64_t version : {0ULL, 1ULL, 18446744073709551615ULL}) {
      for (const bool with_attribute : {false, true}) {
        Reference reference;
        reference.collection = word;
        reference.name = word;
        if (with_attribute) reference.attribute = word;
        reference.version = version;
        const auto again = parse_reference(to_string(reference));
        ASSERT_TRUE(again.ok()) << to_string(reference) << ": " << again.error().message;
        EXPECT_EQ(again->collection, reference.collection);
        EXPECT_EQ(again->name, reference.name);
        EXPECT_EQ(again->attribute, reference.attribute);
        EXPECT_EQ(again->version, reference.version);
      }
    }
  }
}

TEST(Reference, TextIsTheShortest) {
  EXPECT_EQ(to_string({"a b", "c/d=e", std::nullopt, 0}), "tacit://a%20b/c/d=e");
  EXPECT_EQ(to_string({"a/b", "c", "k&v", 7}), "tacit://a%2Fb/c?attribute=k%26v&version=7");
}

TEST(Reference, PlainNamesAreTakenAsTheyAre) {
  const auto name = parse_name_or_reference("a%20b?version=1", "work");
  ASSERT_TRUE(name.ok());
  EXPECT_EQ(name->name, "a%20b?version=1");
  EXPECT_EQ(name->collection, "work");
  const auto reference = parse_name_or_reference("tacit://other/x", "work");
  ASSERT_TRUE(reference.ok());
  EXPECT_EQ(reference->collection, "other");
  EXPECT_FALSE(parse_name_or_reference("", "work").ok());
  EXPECT_FALSE(parse_name_or_reference("x", "").ok());
}

TEST(CheckName, SaysWhichRuleIsBroken) {
  EXPECT_TRUE(check_name("a", "name").ok());
  EXPECT_THAT(check_name("", "name").error().message, HasSubstr("name is empty"));
  EXPECT_THAT(check_name(std::string_view("a\0b", 3), "name").error().message, HasSubstr("NUL"));
  EXPECT_THAT(check_name(std::string(1025, 'a'), "collection").error().message,
              HasSubstr("collection has 1025 bytes"));
}

// RFC 3629, section 4: every well-formed character, and the ill-formed ones next to them.
TEST(CheckName, Utf8IsStrict) {
  const auto good = [](const std::string& text) { return check_name(text, "name").ok(); };
  for (const char* text :
       {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(good(text)) << testing::PrintToString(text);
  }
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xC2\xC0", "\xE0\x9F\xBF",
        "\xE0\xA0", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "a\xE2\x82"}) {
    EXPECT_FALSE(good(text)) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace tacit
