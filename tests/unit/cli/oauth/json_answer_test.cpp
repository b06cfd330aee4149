// Answers of servers: types are held to, nothing strange gets through, no value is quoted.
#include "cli/token/oauth/json_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/base/utf8.h"

namespace tacit::oauth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

TEST(TokenAnswers, AreRead) {
  const auto answer = parse_token_answer(as_bytes(
      R"({"access_token":"a b","token_type":"Bearer","expires_in":3600,"refresh_token":"r","x":[1]})"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text(answer->access_token), "a b");
  EXPECT_EQ(text(answer->refresh_token), "r");
  EXPECT_TRUE(answer->id_token.empty());
  EXPECT_EQ(answer->lives, std::chrono::hours(1));
}

TEST(TokenAnswers, NeedNotTellTheirLife) {
  const auto answer = parse_token_answer(as_bytes(R"({"id_token":"i","expires_in":null})"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text(answer->id_token), "i");
  EXPECT_FALSE(answer->lives);
}

TEST(TokenAnswers, TakeANumberInQuotesAndHoweverLarge) {
  EXPECT_EQ(parse_token_answer(as_bytes(R"({"access_token":"a","expires_in":"20"})"))->lives,
            std::chrono::seconds(20));
  const auto large = parse_token_answer(
      as_bytes(R"({"access_token":"a","expires_in":99999999999999999999999999})"));
  ASSERT_TRUE(large) << large.error().message;
  EXPECT_GT(*large->lives, std::chrono::hours(24 * 365));
  EXPECT_LE(*large->lives, std::chrono::hours(24 * 366 * 10)) << "the daemon takes no more";
}

TEST(TokenAnswers, OfAWrongShapeAreRefusedWithoutAValue) {
  for (const char* body : {"",
                           "{",
                           "null",
                           "[]",
                           "\"S3CRET\"",
                           "S3CRET",
                           "{\"access_token\":42}",
                           "{\"access_token\":[\"S3CRET\"]}",
                           "{\"access_token\":\"\"}",
                           "{\"access_token\":true}",
                           "{\"access_token\":\"S3CRET\\n\"}",
                           "{\"access_token\":\"S3CRET\\u0000x\"}",
                           "{\"access_token\":\"S3CRET\\u00e4\"}",
                           "{\"access_token\":\"S3CRET\",\"access_token\":\"b\"}",
                           "{\"access_token\":\"S3CRET\",\"expires_in\":\"soon\"}",
                           "{\"access_token\":\"S3CRET\",\"expires_in\":true}",
                           "{\"access_token\":\"S3CRET\",\"expires_in\":0}",
                           "{\"access_token\":\"S3CRET\",\"expires_in\":-1}",
                           "{\"access_token\":\"S3CRET\",\"expires_in\":1e999}",
                           "{\"access_token\":\"S3CRET\",\"refresh_token\":{}}",
                           "{\"refresh_token\":\"S3CRET\"}",
                           "{\"access_token\":\"S3CRET\"} S3CRET",
                           "{\"token\":\"S3CRET\"}",
                           "{\"S3CRET"}) {
    const auto answer = parse_token_answer(as_bytes(body));
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Reason::kProtocol) << body;
    EXPECT_THAT(answer.error().message, Not(HasSubstr("S3CRET"))) << body;
  }
  const std::string large = R"({"access_token":")" + std::string(kMostTokenBytes + 1, 'a') + "\"}";
  EXPECT_FALSE(parse_token_answer(as_bytes(large)));
  const std::string deep = std::string(100'000, '[');
  EXPECT_FALSE(parse_token_answer(as_bytes(deep)));
}

constexpr std::string_view kDevice =
    R"({"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device")";

std::span<const unsigned char> device(std::string& text, std::string_view more) {
  text = std::string(kDevice) + std::string(more) + "}";
  return as_bytes(text);
}

TEST(DeviceAnswers, HaveAnIntervalOfFiveSecondsIfTheyTellNone) {
  std::string body;
  const auto answer = parse_device_answer(device(body, R"(,"expires_in":1800)"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text(answer->device_code), "d");
  EXPECT_EQ(answer->user_code, "WDJB-MJHT");
  EXPECT_EQ(answer->verification_uri, "https://example.com/device");
  EXPECT_EQ(answer->interval, std::chrono::seconds(5));
  EXPECT_EQ(answer->lives, std::chrono::minutes(30));
}

TEST(DeviceAnswers, AreNeverPolledWithoutAPause) {
  std::string body;
  EXPECT_EQ(parse_device_answer(device(body, R"(,"expires_in":9,"interval":0)"))->interval,
            std::chrono::seconds(1));
  EXPECT_EQ(parse_device_answer(device(body, R"(,"expires_in":9,"interval":7)"))->interval,
            std::chrono::seconds(7));
}

TEST(DeviceAnswers, SendTheUserNowhereStrange) {
  std::string body;
  for (const char* more :
       {R"(,"expires_in":9,"verification_uri_complete":"javascript:alert")",
        R"(,"expires_in":9,"verification_uri_complete":"http://example.com/")",
        R"(,"expires_in":9,"verification_uri_complete":"https://example.com/\u001b[2J")",
        R"(,"expires_in":9,"verification_uri_complete":"file:///bin/sh")",
        R"(,"expires_in":9,"verification_uri_complete":7)", R"(,"expires_in":9,"interval":-1)",
        R"(,"expires_in":9,"interval":"often")", R"(,"expires_in":0)", ""}) {
    EXPECT_FALSE(parse_device_answer(device(body, more))) << more;
  }
  for (
      const char* bad :
      {R"({"user_code":"u","verification_uri":"https://h/","expires_in":9})",
       R"({"device_code":"d","verification_uri":"https://h/","expires_in":9})",
       R"({"device_code":"d","user_code":"u","expires_in":9})",
       R"({"device_code":"d","user_code":"u\u202e","verification_uri":"https://h/","expires_in":9})",
       R"({"device_code":"d","user_code":"u","verification_uri":"ftp://h/","expires_in":9})"}) {
    EXPECT_FALSE(parse_device_answer(as_bytes(bad))) << bad;
  }
}

TEST(ErrorAnswers, AreMadePlainAndShort) {
  const auto answer = parse_error_answer(
      as_bytes(R"({"error":"invalid_grant","error_description":"gone\u001b[31m\nfor good"})"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, "invalid_grant");
  EXPECT_EQ(answer->description, "gone\\x1b[31m\\x0afor good");
  const auto longer = parse_error_answer(
      as_bytes(R"({"error":"e","error_description":")" + std::string(500'000, 'a') + "\"}"));
  ASSERT_TRUE(longer);
  EXPECT_LE(longer->description.size(), 200U);
}

TEST(ErrorAnswers, OfAnotherShapeAreNone) {
  for (const char* body : {"", "{}", "[]", R"({"error":7})", R"({"error":""})",
                           R"({"error":"a b"})", R"({"error":"\u001b"})", "<html>"}) {
    EXPECT_FALSE(parse_error_answer(as_bytes(body))) << body;
  }
}

TEST(MetadataAnswers, NameEndpointsThatMayBeSpokenTo) {
  const auto found = parse_metadata(as_bytes(
      R"({"issuer":"https://h","token_endpoint":"https://h/t","grant_types_supported":["a","b"]})"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->token_endpoint, "https://h/t");
  EXPECT_THAT(found->grant_types, ElementsAre("a", "b"));
  EXPECT_FALSE(parse_metadata(as_bytes(R"({"issuer":"https://h","token_endpoint":"http://h/t"})")));
  EXPECT_FALSE(parse_metadata(as_bytes(R"({"token_endpoint":"https://h/t"})")));
  EXPECT_FALSE(parse_metadata(as_bytes(R"({"issuer":"https://h","grant_types_supported":"a"})")));
}

}  // namespace
}  // namespace tacit::oauth
