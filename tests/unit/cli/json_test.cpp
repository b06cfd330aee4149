#include "cli/json.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit::cli {
namespace {

std::string text(JsonWriter& json) {
  const SecretBytes document = json.take();
  return {document.bytes().begin(), document.bytes().end()};
}

std::string value_json(std::string_view value) {
  JsonWriter json;
  json.begin_object();
  json.value_members(std::span(reinterpret_cast<const unsigned char*>(value.data()), value.size()));
  json.end_object();
  return text(json);
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object();
  json.member("a", 1);
  json.member("b", std::uint64_t{18446744073709551615u});
  json.member("n", std::int64_t{-5});
  json.member("t", true);
  json.key("list");
  json.begin_array();
  json.string("x");
  json.null();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.member("after", "y");
  json.end_object();
  EXPECT_EQ(text(json),
            "{\"a\":1,\"b\":18446744073709551615,\"n\":-5,\"t\":true,"
            "\"list\":[\"x\",null,{}],\"after\":\"y\"}\n");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  JsonWriter json;
  json.string(std::string_view("\"\\\n\r\t\0\x1f\x7f/\xc3\xa4", 11));
  EXPECT_EQ(text(json), "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f/\xc3\xa4\"\n");
}

TEST(JsonWriter, ReplacesMalformedText) {
  JsonWriter json;
  json.string("a\xff\xc3");
  EXPECT_EQ(text(json), "\"a\xef\xbf\xbd\xef\xbf\xbd\"\n");
}

TEST(JsonWriter, ValuesAreTextWhereTheyCanBe) {
  EXPECT_EQ(value_json(""), "{\"value\":\"\",\"encoding\":\"utf-8\"}\n");
  EXPECT_EQ(value_json("h\xc3\xa4"), "{\"value\":\"h\xc3\xa4\",\"encoding\":\"utf-8\"}\n");
  EXPECT_EQ(value_json(std::string_view("a\0b", 3)),
            "{\"value\":\"a\\u0000b\",\"encoding\":\"utf-8\"}\n");
}

TEST(JsonWriter, ValuesAreBase64Otherwise) {
  EXPECT_EQ(value_json("\xff"), "{\"value\":\"/w==\",\"encoding\":\"base64\"}\n");
  EXPECT_EQ(value_json("\xff\xfe\xfd"), "{\"value\":\"//79\",\"encoding\":\"base64\"}\n");
}

}  // namespace
}  // namespace tacit::cli
