// What tacit-renew is told and answers.
#include "client/cpp/flat_json.h"

#include <gtest/gtest.h>

#include "client/cpp/renewals.h"

namespace tacit {
namespace {

TEST(FlatJsonText, MembersAreRead) {
  const auto read = parse_flat_json(
      " { \"ok\" : true, \"version\":7,\"m\":\"a\\\"\\\\\\n\\u00e9\\ud83d\\ude00\", \"n\": "
      "null}\n");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->at("ok"), "true");
  EXPECT_EQ(read->at("version"), "7");
  EXPECT_EQ(read->at("m"), "a\"\\\n\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(read->at("n"), "null");
  EXPECT_TRUE(parse_flat_json("{}")->empty());
}

TEST(FlatJsonText, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "{", "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":01}", "{a:1}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}", "{\"a\":tru}", "{\"a\":1.5}", "{\"a\":[]}", "{\"a\":{}}"}) {
    EXPECT_FALSE(parse_flat_json(text).has_value()) << text;
  }
}

TEST(FlatJsonText, ATaskReadsAsItWasWritten) {
  RenewerTask task;
  task.mode = "login";
  task.collection = "c";
  task.name = "a\"b\\c\n\x01 \xc3\xa9";
  task.may_ask = task.browser = true;
  const auto read = parse_flat_json(to_json(task));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->at("name"), task.name);
  EXPECT_EQ(read->at("mode"), "login");
  EXPECT_EQ(read->at("may_ask"), "true");
  EXPECT_EQ(read->at("terminal"), "false");
  EXPECT_EQ(read->at("browser"), "true");
  EXPECT_FALSE(read->contains("issuer"));
  EXPECT_EQ(to_json(task).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tacit
