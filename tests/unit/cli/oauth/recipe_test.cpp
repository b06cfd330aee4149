// Recipes, discovery, revocation, trying a token out, and what the program is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/token/oauth/browser.h"
#include "cli/token/oauth/check.h"
#include "cli/token/oauth/discovery.h"
#include "cli/token/oauth/revoke.h"
#include "cli/token/oauth/subject_file.h"
#include "cli/token/oauth/task.h"
#include "tests/unit/cli/oauth/secrets.h"
#include "tests/unit/cli/scratch_dir.h"

namespace tacit::oauth {
namespace {

using tacit::testing::web_answer;
using tacit::testing::WebRequest;
using tacit::testing::WebServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Recipes, OfAnUnknownKindAreNotUsed) {
  TokenRecipe recipe;
  recipe.token_endpoint = "https://h/t";
  EXPECT_TRUE(check_recipe(recipe));
  recipe.dialect = static_cast<TokenDialect>(7);
  EXPECT_EQ(check_recipe(recipe).error().code, Reason::kUnsupported);
  recipe.dialect = TokenDialect::kStandard;
  recipe.client_authentication = static_cast<ClientAuthentication>(7);
  EXPECT_EQ(check_recipe(recipe).error().code, Reason::kUnsupported);
}

TEST(Recipes, NameEndpointsThatMayBeSpokenTo) {
  TokenRecipe recipe;
  EXPECT_FALSE(check_recipe(recipe)) << "no token endpoint";
  recipe.token_endpoint = "http://h/t";
  EXPECT_FALSE(check_recipe(recipe));
  recipe.token_endpoint = "https://h/t";
  recipe.revocation_endpoint = "http://h/r";
  EXPECT_FALSE(check_recipe(recipe));
  recipe.revocation_endpoint.clear();
  recipe.exchange = TokenExchange{};
  recipe.exchange->endpoint = "ftp://h/";
  EXPECT_FALSE(check_recipe(recipe));
  TokenRecipe manager;
  manager.dialect = TokenDialect::kPackageManager;
  manager.address = "http://ppm.example.com";
  EXPECT_FALSE(check_recipe(manager));
  manager.address = "https://ppm.example.com";
  EXPECT_TRUE(check_recipe(manager));
}

using Pages = std::map<std::string, std::string>;

/// Answers by path; 404 elsewhere. The body gets the server's own address for `@`.
class Issuer {
 public:
  explicit Issuer(Pages pages)
      : web_({[pages = std::move(pages)](const WebRequest& request) {
          const auto page = pages.find(request.path);
          if (page == pages.end()) return web_answer(404, "");
          std::string body = page->second;
          for (std::size_t at; (at = body.find('@')) != std::string::npos;) {
            body.replace(at, 1, "http://" + request.headers.at("host"));
          }
          return web_answer(200, body);
        }}) {}
  std::string url(std::string_view path = "") const { return web_.url(path); }

 private:
  WebServer web_;
};

TEST(Discovery, ReadsTheDocumentOfOpenIdConnect) {
  const Issuer issuer(
      Pages{{"/.well-known/openid-configuration",
             R"({"issuer":"@","token_endpoint":"@/t","device_authorization_endpoint":"@/d",
                           "grant_types_supported":["refresh_token"]})"}});
  const auto found = discover(Http(""), issuer.url());
  ASSERT_TRUE(found) << found.failure().message;
  EXPECT_EQ(found->token_endpoint, issuer.url("/t"));
  EXPECT_EQ(found->device_authorization_endpoint, issuer.url("/d"));
  EXPECT_EQ(found->revocation_endpoint, "");
  EXPECT_THAT(found->grant_types, ElementsAre("refresh_token"));
}

TEST(Discovery, ElseThatOfRfc8414) {
  const Issuer issuer(Pages{{"/.well-known/oauth-authorization-server/tenant",
                             R"({"issuer":"@/tenant","token_endpoint":"@/t"})"}});
  const auto found = discover(Http(""), issuer.url("/tenant"));
  ASSERT_TRUE(found) << found.failure().message;
  EXPECT_EQ(found->token_endpoint, issuer.url("/t"));
}

TEST(Discovery, TakesNoDocumentOfAnotherIssuer) {
  for (const char* other : {"https://evil.example.org", "@/", "@/x"}) {
    const Issuer issuer(
        Pages{{"/.well-known/openid-configuration",
               R"({"issuer":")" + std::string(other) + R"(","token_endpoint":"@/t"})"}});
    const auto found = discover(Http(""), issuer.url());
    ASSERT_FALSE(found) << other;
    EXPECT_THAT(found.failure().message, HasSubstr("is of the issuer"));
  }
}

TEST(Discovery, TakesNoEndpointThatMayNotBeSpokenTo) {
  const Issuer issuer(Pages{{"/.well-known/openid-configuration",
                             R"({"issuer":"@","token_endpoint":"http://example.com/t"})"}});
  EXPECT_FALSE(discover(Http(""), issuer.url()));
  EXPECT_FALSE(discover(Http(""), "http://example.com"));
}

TEST(Discovery, SaysWhereThereIsNone) {
  const Issuer issuer(Pages{});
  EXPECT_THAT(discover(Http(""), issuer.url()).failure().message, HasSubstr("--token-endpoint"));
}

TEST(Revocation, SendsTheTokenAndItsKind) {
  const WebServer web({{200, ""}});
  Server server = standard(web);
  server.recipe.revocation_endpoint = web.url("/revoke");
  EXPECT_TRUE(revoke(Http(""), server, secret("RT"), "refresh_token"));
  const WebRequest request = web.seen().at(0);
  EXPECT_EQ(request.path, "/revoke");
  EXPECT_EQ(request.form.at("token"), "RT");
  EXPECT_EQ(request.form.at("token_type_hint"), "refresh_token");
  EXPECT_EQ(request.form.at("client_id"), "me");
}

TEST(Revocation, SaysWhyItFailed) {
  const WebServer web({{503, ""}});
  Server server = standard(web);
  server.recipe.revocation_endpoint = web.url("/revoke");
  const auto gone = revoke(Http(""), server, secret("RT"), "refresh_token");
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.failure().message, HasSubstr("503"));
}

TEST(Check, IsGoodUnlessRefusedOrBroken) {
  const std::pair<int, bool> answers[] = {{200, true},  {301, true},  {404, true}, {401, false},
                                          {403, false}, {500, false}, {503, false}};
  for (const auto& [status, good] : answers) {
    const WebServer web({{status, ""}});
    TokenRecipe recipe;
    recipe.check_url = web.url("/");
    recipe.check_username = "__token__";
    const auto found = is_good(Http(""), recipe, secret("TOKEN"));
    ASSERT_TRUE(found) << status;
    EXPECT_EQ(*found, good) << status;
    EXPECT_EQ(web.seen().at(0).method, "GET");
    EXPECT_EQ(web.seen().at(0).headers.at("authorization"), "Basic X190b2tlbl9fOlRPS0VO");
  }
}

TEST(SubjectFiles, AreReadWithoutTheBlanksAround) {
  const cli::ScratchDir folder;
  const std::string path = folder.path() + "/token";
  std::ofstream(path) << "\n  a.b.c \r\n";
  const auto subject = read_subject(path);
  ASSERT_TRUE(subject) << subject.error().message;
  EXPECT_EQ(text(*subject), "a.b.c");
}

TEST(SubjectFiles, ThatHoldNoTokenAreRefused) {
  const cli::ScratchDir folder;
  const std::string path = folder.path() + "/token";
  for (const std::string& content : {std::string(), std::string(" \n"), std::string("a\nb"),
                                     std::string("\xff"), std::string(kMostTokenBytes + 1, 'a')}) {
    std::ofstream(path, std::ios::trunc) << content;
    EXPECT_FALSE(read_subject(path));
  }
  EXPECT_THAT(read_subject(folder.path()).error().message, HasSubstr("no ordinary file"));
  EXPECT_THAT(read_subject(folder.path() + "/none").error().message, HasSubstr("cannot be read"));
}

TEST(Tasks, AreRead) {
  const auto task = parse_task(as_bytes(
      R"({"collection":"c","name":"n","mode":"login","may_ask":true,"browser":true,"force":false})"));
  ASSERT_TRUE(task) << task.error().message;
  EXPECT_EQ(task->mode, Mode::kLogin);
  EXPECT_EQ(task->item.collection, "c");
  EXPECT_EQ(task->item.name, "n");
  EXPECT_TRUE(task->may_ask);
  EXPECT_TRUE(task->browser);
  EXPECT_FALSE(task->force);
}

TEST(Tasks, OfAnotherShapeAreRefused) {
  for (const char* line : {"", "[]", "{}", R"({"name":7})", R"({"name":"n","mode":"other"})",
                           R"({"name":"n","may_ask":"yes"})", R"({"mode":"discover","name":"n"})",
                           R"({"name":"a\u0000b"})"}) {
    EXPECT_EQ(parse_task(as_bytes(line)).error().code, Reason::kInvalidArgument) << line;
  }
}

TEST(Tasks, AreAnsweredInOneLine) {
  EXPECT_EQ(text(line_of(Done{7, {}})), "{\"ok\":true,\"version\":7}\n");
  EXPECT_EQ(text(line_of(Error{Reason::kLoginNeeded, "a\nb"})),
            "{\"reason\":\"LOGIN_NEEDED\",\"message\":\"a\\nb\"}\n");
}

TEST(Browsers, AreTakenFromTheVariableAndNeverByAShell) {
  const std::string url = "https://h/d?a=$(id)";
  ::unsetenv("BROWSER");
  EXPECT_THAT(browser_command(url), ElementsAre("xdg-open", url));
  ::setenv("BROWSER", "one --new:two", 1);
  EXPECT_THAT(browser_command(url), ElementsAre("one", "--new", url));
  ::setenv("BROWSER", "one --url=%s -q", 1);
  EXPECT_THAT(browser_command(url), ElementsAre("one", "--url=" + url, "-q"));
  ::unsetenv("BROWSER");
  EXPECT_FALSE(open_browser("javascript:alert(1)"));
}

}  // namespace
}  // namespace tacit::oauth
