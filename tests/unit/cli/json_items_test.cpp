#include "cli/import/json_items.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tacit::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs parsed(std::string_view content, JsonStyle style = JsonStyle::kFlat) {
  auto items = parse_json_items(content, "file", style);
  EXPECT_TRUE(items.ok()) << items.error().message;
  Pairs pairs;
  if (!items.ok()) return pairs;
  for (const ImportItem& item : *items) {
    const auto value = item.value.bytes();
    pairs.emplace_back(item.name, std::string(value.begin(), value.end()));
  }
  return pairs;
}

std::string refused(std::string_view content, JsonStyle style = JsonStyle::kFlat) {
  auto items = parse_json_items(content, "file", style);
  EXPECT_FALSE(items.ok());
  return items.ok() ? "" : items.error().message;
}

TEST(JsonItems, TakesAFlatObjectInItsOrder) {
  EXPECT_THAT(parsed("\xef\xbb\xbf{\"b\": \"1\\n2\", \"a\": \"\", \"\\u00e9\": \"\\u20ac\"}"),
              ElementsAre(Pair("b", "1\n2"), Pair("a", ""), Pair("\xc3\xa9", "\xe2\x82\xac")));
  EXPECT_THAT(parsed("{}"), IsEmpty());
}

TEST(JsonItems, ANulIsAByteOfAValue) {
  EXPECT_THAT(parsed("{\"a\": \"x\\u0000y\"}"), ElementsAre(Pair("a", std::string("x\0y", 3))));
}

TEST(JsonItems, TakesNumbersAndTruthAsTheyAreWritten) {
  EXPECT_THAT(
      parsed("{\"a\": 5432, \"b\": -7, \"c\": true, \"d\": false}"),
      ElementsAre(Pair("a", "5432"), Pair("b", "-7"), Pair("c", "true"), Pair("d", "false")));
}

TEST(JsonItems, KeepsEveryDigitOfANumber) {
  for (const JsonStyle style : {JsonStyle::kFlat, JsonStyle::kDotnet}) {
    EXPECT_THAT(parsed("{\"a\":12345678901234567890123,\"b\":1.10, \"c\" : -0.5e+30 ,"
                       "\"d\":\"1.10\",\"e\\\"5\":7}",
                       style),
                ElementsAre(Pair("a", "12345678901234567890123"), Pair("b", "1.10"),
                            Pair("c", "-0.5e+30"), Pair("d", "1.10"), Pair("e\"5", "7")));
  }
  for (const char* bad : {"01", "1.", ".5", "+1", "1e", "-", "1.2.3", "0x10", "1 2", "--1"}) {
    EXPECT_THAT(refused("{\"a\": " + std::string(bad) + "}"), HasSubstr("file:1:")) << bad;
  }
}

TEST(JsonItems, KeysThatDotnetTakesForOneAreRefusedWithBothNames) {
  const std::string wrong =
      refused(R"({"Db": {"Password": "s3cret"}, "db:password": "s3cret"})", JsonStyle::kDotnet);
  EXPECT_THAT(wrong, HasSubstr("`Db:Password`"));
  EXPECT_THAT(wrong, HasSubstr("`db:password`"));
  EXPECT_THAT(wrong, Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused(R"({"A:B": "1", "A": {"B": "2"}})", JsonStyle::kDotnet),
              HasSubstr("`A:B` and `A:B`"));
  EXPECT_THAT(refused(R"({"a": "1", "a": "2"})"), HasSubstr("`a` is there twice"));
  // Names of the vault are as they are written.
  EXPECT_THAT(parsed(R"({"a": "1", "A": "2"})"), SizeIs(2));
}

TEST(JsonItems, RefusesByNameWhatItCannotKeep) {
  EXPECT_THAT(refused("{\"a\": null}"), HasSubstr("`a`"));
  EXPECT_THAT(refused("{\"a\": {\"b\": \"c\"}}"), HasSubstr("`a`"));
  EXPECT_THAT(refused("{\"a\": [\"b\"]}"), HasSubstr("`a`"));
  EXPECT_THAT(refused("{\"\": \"b\"}"), HasSubstr("empty"));
}

TEST(JsonItems, NamesThePlaceAndNeverAValue) {
  const std::string open = refused("{\"a\": \"s3cret\n");
  EXPECT_THAT(open, HasSubstr("file:1:"));
  EXPECT_THAT(open, Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("{\"a\": s3cret}"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(refused("{\"a\": \"1\", \"a\": \"2\"}"), HasSubstr("twice"));
  EXPECT_THAT(refused("{} {}"), HasSubstr("behind"));
  EXPECT_THAT(refused("\"text\""), HasSubstr("no JSON"));
  EXPECT_THAT(refused(""), HasSubstr("file:"));
}

TEST(JsonItems, FlattensAsDotnetDoes) {
  EXPECT_THAT(
      parsed(R"({"Db:Password": "x", "A": {"B": {"C": "1"}, "D": ["y", 2]}})", JsonStyle::kDotnet),
      ElementsAre(Pair("Db:Password", "x"), Pair("A:B:C", "1"), Pair("A:D:0", "y"),
                  Pair("A:D:1", "2")));
}

TEST(JsonItems, IsNotDrivenIntoTheDepths) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_THAT(refused("{\"a\":" + deep + "}", JsonStyle::kDotnet), HasSubstr("too deep"));
  EXPECT_THAT(refused(std::string(100000, '[')), HasSubstr("too deep"));
}

TEST(JsonItems, TakesWhatTacitPrints) {
  const auto items = parse_json_items(
      R"([{"collection": "work", "name": "a", "version": 3, "value": "AP8=", "encoding": "base64",
           "attributes": {"user": "ada"}, "content_type": "text/plain",
           "expires": "2099-01-31T00:00:00Z"},
          {"name": "b", "value": "v", "expires": null, "content_type": ""}])",
      "file", JsonStyle::kFlat);
  ASSERT_TRUE(items.ok()) << items.error().message;
  ASSERT_THAT(*items, SizeIs(2));
  const ImportItem& a = (*items)[0];
  EXPECT_EQ(a.collection, "work");
  EXPECT_THAT(a.value.bytes(), ElementsAre(0x00, 0xff));
  EXPECT_THAT(a.attributes, ElementsAre(Pair("user", "ada")));
  EXPECT_EQ(a.content_type, "text/plain");
  EXPECT_EQ(a.expires, 4073500800000);
  const ImportItem& b = (*items)[1];
  EXPECT_FALSE(b.collection || b.content_type);
  EXPECT_EQ(b.expires, 0);
}

TEST(JsonItems, OneThatTacitPrintedMayStandAlone) {
  EXPECT_THAT(parsed(R"({"name": "a", "value": "v", "encoding": "utf-8"})"),
              ElementsAre(Pair("a", "v")));
  EXPECT_THAT(parsed(R"({"name": "a", "value": "v"})"), ElementsAre(Pair("a", "v")));
  EXPECT_THAT(parsed(R"({"value": "v", "collection": "work", "expires": null, "name": "a"})"),
              ElementsAre(Pair("a", "v")));
  // Three secrets, two of which have such names.
  EXPECT_THAT(parsed(R"({"name": "a", "value": "v", "port": "1"})"),
              ElementsAre(Pair("name", "a"), Pair("value", "v"), Pair("port", "1")));
  EXPECT_THAT(parsed(R"({"name": 1, "value": 2})"),
              ElementsAre(Pair("name", "1"), Pair("value", "2")));
  EXPECT_THAT(parsed(R"({"name": "a", "value": "v", "encoding": "utf-8"})", JsonStyle::kDotnet),
              SizeIs(3));
}

TEST(JsonItems, RefusesWhatIsNoSecretInAnArray) {
  EXPECT_THAT(refused(R"([{"name": "a"}])"), HasSubstr("[0]"));
  EXPECT_THAT(refused(R"(["a"])"), HasSubstr("[0]"));
  EXPECT_THAT(refused(R"([{"name": "a", "value": "%", "encoding": "base64"}])"),
              HasSubstr("base64"));
  EXPECT_THAT(refused(R"([{"name": "a", "value": "v", "encoding": "rot13"}])"),
              HasSubstr("encoding"));
  EXPECT_THAT(refused(R"([{"name": "a", "value": "v", "collection": ""}])"),
              HasSubstr("collection"));
  EXPECT_THAT(refused(R"([{"name": "a", "value": "v", "expires": "2001-01-01"}])"),
              HasSubstr("expiry"));
  EXPECT_THAT(refused(R"([{"name": "a", "value": "v", "attributes": {"k": 1}}])"),
              HasSubstr("attribute"));
}

}  // namespace
}  // namespace tacit::cli
