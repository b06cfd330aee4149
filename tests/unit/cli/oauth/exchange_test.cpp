// RFC 8693, 2.
#include "cli/token/oauth/exchange.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/oauth/secrets.h"

namespace tacit::oauth {
namespace {

using tacit::testing::WebRequest;
using tacit::testing::WebServer;

const std::string kToken =
    R"({"access_token":"AT2","issued_token_type":"urn:x","token_type":"N_A","expires_in":60})";

Outcome<TokenAnswer> exchange_at(const Server& server) {
  const BreakOff break_off;
  return exchange(Http("", &break_off), server, secret("SUBJECT"), break_off);
}

TEST(Exchange, GivesTheSubjectAsTheRecipeSays) {
  const WebServer web({{200, kToken}});
  Server server = standard(web);
  server.recipe.exchange = TokenExchange{web.url("/exchange"),
                                         "access_token",
                                         "urn:ietf:params:oauth:token-type:jwt",
                                         {"a", "b"},
                                         {{"audience", "x"}}};
  const auto tokens = exchange_at(server);
  ASSERT_TRUE(tokens) << tokens.failure().message;
  EXPECT_EQ(text(tokens->access_token), "AT2");
  const WebRequest request = web.seen().at(0);
  EXPECT_EQ(request.path, "/exchange");
  EXPECT_EQ(request.form.at("grant_type"), "urn:ietf:params:oauth:grant-type:token-exchange");
  EXPECT_EQ(request.form.at("subject_token"), "SUBJECT");
  EXPECT_EQ(request.form.at("subject_token_type"), "urn:ietf:params:oauth:token-type:access_token");
  EXPECT_EQ(request.form.at("requested_token_type"), "urn:ietf:params:oauth:token-type:jwt");
  EXPECT_EQ(request.form.at("scope"), "a b");
  EXPECT_EQ(request.form.at("audience"), "x");
  EXPECT_EQ(request.form.at("client_id"), "me");
}

TEST(Exchange, IsAtTheTokenEndpointUnlessToldOtherwise) {
  const WebServer web({{200, kToken}});
  Server server = standard(web);
  server.recipe.exchange = TokenExchange{};
  server.recipe.exchange->subject_token = "id_token";
  ASSERT_TRUE(exchange_at(server));
  EXPECT_EQ(web.seen().at(0).path, "/token");
}

TEST(Exchange, SpeaksThePackageManagersWay) {
  const WebServer web({{200, kToken}});
  ASSERT_TRUE(exchange_at(package_manager(web)));
  const WebRequest request = web.seen().at(0);
  EXPECT_EQ(request.path, "/__api__/token");
  EXPECT_EQ(request.form.size(), 3U);
  EXPECT_EQ(request.form.at("grant_type"), "urn:ietf:params:oauth:grant-type:token-exchange");
  EXPECT_EQ(request.form.at("subject_token"), "SUBJECT");
  EXPECT_EQ(request.form.at("subject_token_type"), "urn:ietf:params:oauth:token-type:id_token");
}

TEST(Exchange, IsTriedAgainWhereTheServerFails) {
  const WebServer web({{502, ""}, {503, "<html>"}, {200, kToken}});
  ASSERT_TRUE(exchange_at(package_manager(web)));
  EXPECT_EQ(web.seen().size(), 3U);
  const WebServer down({{500, ""}});
  EXPECT_EQ(exchange_at(package_manager(down)).failure().kind, RenewalFailure::kRetry);
  EXPECT_EQ(down.seen().size(), 3U);
}

TEST(Exchange, EndsWhereTheSubjectIsRefused) {
  const WebServer web({{400, R"({"error":"invalid_request"})"}});
  EXPECT_EQ(exchange_at(package_manager(web)).failure().kind, RenewalFailure::kLogin);
  EXPECT_EQ(web.seen().size(), 1U);
}

TEST(Exchange, EndsWhereTheAnswerCannotBeUsed) {
  for (const char* body : {"", "{}", R"({"id_token":"IT"})", R"({"access_token":[]})"}) {
    const WebServer web({{200, body}});
    EXPECT_EQ(exchange_at(package_manager(web)).failure().kind, RenewalFailure::kRetry) << body;
  }
}

TEST(Exchange, TakesTheTokenThatTheRecipeNames) {
  TokenAnswer answer;
  answer.access_token = secret("A");
  answer.id_token = secret("I");
  EXPECT_EQ(subject_of(answer, "access_token"), &answer.access_token);
  EXPECT_EQ(subject_of(answer, "id_token"), &answer.id_token);
  EXPECT_EQ(subject_of(answer, "refresh_token"), nullptr);
  EXPECT_EQ(subject_of(answer, "other"), nullptr);
}

}  // namespace
}  // namespace tacit::oauth
