// RFC 6749, 6, and what may be sent again afterwards (RFC 9700, 4.14.2).
#include "cli/token/oauth/refresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/oauth/secrets.h"

namespace tacit::oauth {
namespace {

using tacit::testing::web_answer;
using tacit::testing::WebRequest;
using tacit::testing::WebServer;
using ::testing::HasSubstr;
using ::testing::Not;

Outcome<TokenAnswer> refresh_at(const Server& server) {
  return refresh(Http(""), server, secret("RT-OLD+/="));
}

TEST(Refresh, SendsTheTokenAndReadsWhatComes) {
  const WebServer web({{200, R"({"access_token":"AT","refresh_token":"RT-NEW","expires_in":9})"}});
  Server server = standard(web);
  server.recipe.parameters = {{"resource", "https://r"}};
  server.recipe.scopes = {"a"};
  const auto tokens = refresh_at(server);
  ASSERT_TRUE(tokens) << tokens.failure().message;
  EXPECT_EQ(text(tokens->access_token), "AT");
  EXPECT_EQ(text(tokens->refresh_token), "RT-NEW");
  const WebRequest request = web.seen().at(0);
  EXPECT_EQ(request.path, "/token");
  EXPECT_EQ(request.form.at("grant_type"), "refresh_token");
  EXPECT_EQ(request.form.at("refresh_token"), "RT-OLD+/=");
  EXPECT_EQ(request.form.at("resource"), "https://r");
  EXPECT_EQ(request.form.at("client_id"), "me");
  EXPECT_EQ(request.form.count("scope"), 0U) << "what was granted stays";
}

TEST(Refresh, LeavesTheOldOneWhereNoNewOneComes) {
  const WebServer web({{200, R"({"access_token":"AT"})"}});
  const auto tokens = refresh_at(standard(web));
  ASSERT_TRUE(tokens);
  EXPECT_TRUE(tokens->refresh_token.empty());
}

TEST(Refresh, NeedsALoginWhereTheServerTakesItNoMore) {
  const WebServer web({{400, R"({"error":"invalid_grant"})"}});
  EXPECT_EQ(refresh_at(standard(web)).failure().kind, RenewalFailure::kLogin);
}

TEST(Refresh, MayBeRepeatedWhereItWasNotSentOrNotTaken) {
  std::string nobody;
  {
    const WebServer gone({{200, ""}});
    nobody = gone.url("/token");
  }
  Server server;
  server.recipe.token_endpoint = nobody;
  EXPECT_EQ(refresh_at(server).failure().kind, RenewalFailure::kRetry);
  for (const auto& answer :
       std::vector<std::pair<int, std::string>>{{400, R"({"error":"invalid_client"})"},
                                                {401, ""},
                                                {404, "<html>"},
                                                {429, ""},
                                                {503, "busy"},
                                                {302, ""},
                                                {500, R"({"error":"temporarily_unavailable"})"}}) {
    const WebServer web({answer});
    EXPECT_EQ(refresh_at(standard(web)).failure().kind, RenewalFailure::kRetry) << answer.first;
    EXPECT_EQ(web.seen().size(), 1U);
  }
}

TEST(Refresh, IsInDoubtWhereItMayHaveBeenTakenAndIsNeverRepeated) {
  for (const std::string& answer :
       {std::string(), web_answer(200, ""), web_answer(200, "{}"), web_answer(200, "<html>"),
        web_answer(200, R"({"access_token":7})"), web_answer(500, ""), web_answer(502, "<html>"),
        web_answer(504, ""), web_answer(200, std::string(kMostAnswerBytes + 1, ' ')),
        std::string("HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{\"access_token\"")}) {
    const WebServer web({[&](const WebRequest&) { return answer; }});
    const auto tokens = refresh_at(standard(web));
    ASSERT_FALSE(tokens) << answer.substr(0, 100);
    EXPECT_EQ(tokens.failure().kind, RenewalFailure::kInDoubt) << answer.substr(0, 100);
    EXPECT_EQ(web.seen().size(), 1U) << answer.substr(0, 100);
    EXPECT_THAT(tokens.failure().message, Not(HasSubstr("RT-OLD")));
  }
}

TEST(Refresh, IsNotBrokenOffOnceItHasBegun) {
  BreakOff break_off;
  break_off.stopper().stop();
  const WebServer web({{200, R"({"access_token":"AT"})"}});
  EXPECT_TRUE(refresh(Http("", &break_off), standard(web), secret("RT")));
}

TEST(Clients, ShowTheSecretInTheHeader) {
  const WebServer web({{200, R"({"access_token":"AT"})"}});
  Server server = standard(web);
  server.recipe.client_id = "a:b";
  server.client_secret = secret("p%s +");
  ASSERT_TRUE(refresh_at(server));
  const WebRequest request = web.seen().at(0);
  // RFC 6749, 2.3.1: each encoded as in a form, then joined: a%3Ab:p%25s+%2B
  EXPECT_EQ(request.headers.at("authorization"), "Basic YSUzQWI6cCUyNXMrJTJC");
  EXPECT_EQ(request.form.count("client_id"), 0U) << "one way to authenticate in a request";
  EXPECT_EQ(request.form.count("client_secret"), 0U);
}

TEST(Clients, ShowTheSecretInTheBodyWhereToldSo) {
  const WebServer web({{200, R"({"access_token":"AT"})"}});
  Server server = standard(web);
  server.client_secret = secret("p%s +");
  server.recipe.client_authentication = ClientAuthentication::kPost;
  ASSERT_TRUE(refresh_at(server));
  const WebRequest request = web.seen().at(0);
  EXPECT_EQ(request.headers.count("authorization"), 0U);
  EXPECT_EQ(request.form.at("client_id"), "me");
  EXPECT_EQ(request.form.at("client_secret"), "p%s +");
}

TEST(Clients, TellNoSecretThatTheServerQuotes) {
  const WebServer web(
      {{400, R"({"error":"invalid_client","error_description":"bad secret S3CRET of me"})"}});
  Server server = standard(web);
  server.client_secret = secret("S3CRET");
  const auto tokens = refresh_at(server);
  ASSERT_FALSE(tokens);
  EXPECT_THAT(tokens.failure().message, HasSubstr("invalid_client"));
  EXPECT_THAT(tokens.failure().message, Not(HasSubstr("S3CRET")));
}

}  // namespace
}  // namespace tacit::oauth
