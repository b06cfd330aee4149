// RFC 8628, 3.1 to 3.5, and the package manager's way of it.
#include "cli/token/oauth/device_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "cli/token/oauth/login_place.h"
#include "cli/token/oauth/pkce.h"
#include "tests/unit/cli/oauth/secrets.h"

namespace tacit::oauth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tacit::testing::web_answer;
using tacit::testing::WebRequest;
using tacit::testing::WebServer;
using ::testing::HasSubstr;
using ::testing::Not;

std::string device_answer(std::string_view more = R"("interval":1,"expires_in":60)") {
  return R"({"device_code":"DC","user_code":"WDJB-MJHT","verification_uri":"https://h/d",)" +
         std::string(more) + "}";
}
std::string refusal(std::string_view code) { return R"({"error":")" + std::string(code) + "\"}"; }
const std::string kTokens = R"({"access_token":"AT","refresh_token":"RT","expires_in":20})";

struct Attempt {
  BreakOff break_off;
  int shown = 0;
  Shown answer = Shown::kGoOn;
  Http::Limits limits{};
  milliseconds show_every{0};

  Outcome<TokenAnswer> log_in(const Server& server) {
    const Http http("", &break_off, limits);
    return oauth::log_in({http, server, break_off,
                          [this](const DeviceAnswer&) {
                            ++shown;
                            return answer;
                          },
                          show_every});
  }
};

/// Between the n-th request and the one before it.
milliseconds pause(const WebServer& web, std::size_t n) {
  const auto seen = web.seen();
  return std::chrono::duration_cast<milliseconds>(seen.at(n).when - seen.at(n - 1).when);
}

TEST(DeviceFlow, AsksShowsPollsAndGetsTheTokens) {
  const WebServer web(
      {{200, device_answer()}, {400, refusal("authorization_pending")}, {200, kTokens}});
  Server server = standard(web);
  server.recipe.scopes = {"openid", "offline_access"};
  server.recipe.parameters = {{"audience", "https://a/ b"}};
  server.recipe.pkce = true;
  Attempt run;
  const auto tokens = run.log_in(server);
  ASSERT_TRUE(tokens) << tokens.failure().message;
  EXPECT_EQ(text(tokens->access_token), "AT");
  EXPECT_EQ(text(tokens->refresh_token), "RT");
  EXPECT_EQ(tokens->lives, seconds(20));
  EXPECT_GE(run.shown, 1);

  const auto seen = web.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].path, "/device");
  EXPECT_EQ(seen[0].form.at("client_id"), "me");
  EXPECT_EQ(seen[0].form.at("scope"), "openid offline_access");
  EXPECT_EQ(seen[0].form.at("audience"), "https://a/ b");
  EXPECT_EQ(seen[0].form.at("code_challenge_method"), "S256");
  EXPECT_EQ(seen[1].path, "/token");
  EXPECT_EQ(seen[1].form.at("grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_EQ(seen[1].form.at("device_code"), "DC");
  EXPECT_EQ(seen[1].form.at("client_id"), "me");
  EXPECT_EQ(seen[1].form.count("audience"), 0U);
  EXPECT_EQ(seen[0].form.at("code_challenge"),
            challenge_of(as_bytes(seen[1].form.at("code_verifier"))));
  EXPECT_GE(pause(web, 1), milliseconds(990)) << "polled sooner than `interval`";
  EXPECT_GE(pause(web, 2), milliseconds(990));
}

TEST(DeviceFlow, ProvesNothingWithoutPkce) {
  const WebServer web({{200, device_answer()}, {200, kTokens}});
  Attempt run;
  ASSERT_TRUE(run.log_in(standard(web)));
  EXPECT_EQ(web.seen().at(0).form.count("code_challenge"), 0U);
  EXPECT_EQ(web.seen().at(1).form.count("code_verifier"), 0U);
}

TEST(DeviceFlow, SpeaksThePackageManagersWay) {
  for (const char* below : {"/ppm", "/ppm/"}) {
    const WebServer web({{200, device_answer()}, {200, R"({"id_token":"IT"})"}});
    Attempt run;
    const auto tokens = run.log_in(package_manager(web, below));
    ASSERT_TRUE(tokens) << tokens.failure().message;
    EXPECT_EQ(text(tokens->id_token), "IT");
    const auto seen = web.seen();
    EXPECT_EQ(seen.at(0).path, "/ppm/__api__/device");
    EXPECT_EQ(seen.at(0).form.size(), 2U);
    EXPECT_EQ(seen.at(0).form.at("code_challenge_method"), "S256");
    EXPECT_EQ(seen.at(1).path, "/ppm/__api__/device_access");
    EXPECT_EQ(seen.at(1).form.size(), 2U);
    EXPECT_EQ(seen.at(1).form.at("device_code"), "DC");
    EXPECT_EQ(seen.at(0).form.at("code_challenge"),
              challenge_of(as_bytes(seen.at(1).form.at("code_verifier"))));
  }
}

TEST(DeviceFlow, SlowsDownByFiveSecondsForGood) {
  const WebServer web({{200, device_answer()},
                       {400, refusal("slow_down")},
                       {400, refusal("authorization_pending")},
                       {200, kTokens}});
  Attempt run;
  ASSERT_TRUE(run.log_in(standard(web)));
  EXPECT_GE(pause(web, 2), milliseconds(5990));
  EXPECT_GE(pause(web, 3), milliseconds(5990)) << "the longer pause is for all that follow";
}

TEST(DeviceFlow, WaitsTwiceAsLongAfterAServersTrouble) {
  for (const int status : {500, 503, 429}) {
    const WebServer web({{200, device_answer()}, {status, "<html>"}, {200, kTokens}});
    Attempt run;
    ASSERT_TRUE(run.log_in(standard(web))) << status;
    EXPECT_GE(pause(web, 2), milliseconds(1990)) << status;
  }
}

TEST(DeviceFlow, WaitsTwiceAsLongAfterAConnectionThatWasCut) {
  const WebServer web({[](const WebRequest&) { return web_answer(200, device_answer()); },
                       [](const WebRequest&) { return std::string(); },
                       [](const WebRequest&) { return web_answer(200, kTokens); }});
  Attempt run;
  ASSERT_TRUE(run.log_in(standard(web)));
  EXPECT_GE(pause(web, 2), milliseconds(1990));
}

TEST(DeviceFlow, WaitsTwiceAsLongAfterAConnectionThatTimedOut) {
  std::atomic_flag over;
  const WebServer web({[](const WebRequest&) { return web_answer(200, device_answer()); },
                       [&](const WebRequest&) {
                         over.wait(false);
                         return std::string();
                       },
                       [](const WebRequest&) { return web_answer(200, kTokens); }});
  Attempt run;
  run.limits.total = milliseconds(300);
  // The server answers one after the other: the stalled one is let go once the client has gone.
  std::thread release([&] {
    while (web.seen().size() < 2) std::this_thread::yield();
    const auto then = Clock::now() + milliseconds(600);
    BreakOff never;
    (void)never.wait_until(then);
    over.test_and_set();
    over.notify_all();
  });
  const auto tokens = run.log_in(standard(web));
  release.join();
  ASSERT_TRUE(tokens) << tokens.failure().message;
  EXPECT_GE(pause(web, 2), milliseconds(300 + 1990));
}

TEST(DeviceFlow, EndsWhereTheServerSaysSo) {
  const std::pair<const char*, RenewalFailure> ends[] = {
      {"access_denied", RenewalFailure::kDenied},
      {"expired_token", RenewalFailure::kDenied},
      {"invalid_grant", RenewalFailure::kRetry},
      {"invalid_client", RenewalFailure::kRetry}};
  for (const auto& [code, kind] : ends) {
    const WebServer web({{200, device_answer()}, {400, refusal(code)}});
    Attempt run;
    const auto tokens = run.log_in(standard(web));
    ASSERT_FALSE(tokens) << code;
    EXPECT_EQ(tokens.failure().kind, kind) << code;
    EXPECT_EQ(web.seen().size(), 2U) << code;
  }
}

TEST(DeviceFlow, EndsWithTheCodesLife) {
  const WebServer web({{200, device_answer(R"("interval":2,"expires_in":3)")},
                       {400, refusal("authorization_pending")}});
  Attempt run;
  const auto begin = Clock::now();
  const auto tokens = run.log_in(standard(web));
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.failure().kind, RenewalFailure::kDenied);
  EXPECT_EQ(web.seen().size(), 2U);
  EXPECT_LT(Clock::now() - begin, seconds(30));
}

TEST(DeviceFlow, EndsWhereAnAnswerCannotBeUsed) {
  const std::pair<int, std::string> bad[] = {
      {200, ""}, {200, "<html>"}, {200, R"({"access_token":7})"}, {302, ""}, {404, "not here"}};
  for (const auto& answer : bad) {
    const WebServer web({{200, device_answer()}, answer});
    Attempt run;
    const auto tokens = run.log_in(standard(web));
    ASSERT_FALSE(tokens) << answer.second;
    EXPECT_EQ(tokens.failure().kind, RenewalFailure::kRetry);
  }
  for (const auto& answer : bad) {
    const WebServer web({answer});
    Attempt run;
    EXPECT_FALSE(run.log_in(standard(web))) << answer.second;
    EXPECT_EQ(run.shown, 0);
  }
}

TEST(DeviceFlow, TellsNoSecretThatTheServerQuotes) {
  const WebServer web(
      {{200, device_answer()},
       {400, R"({"error":"invalid_grant","error_description":"no such code: DC"})"}});
  Attempt run;
  const auto tokens = run.log_in(standard(web));
  ASSERT_FALSE(tokens);
  EXPECT_THAT(tokens.failure().message, HasSubstr("invalid_grant"));
  EXPECT_THAT(tokens.failure().message, Not(HasSubstr("DC")));
}

TEST(DeviceFlow, EndsWithTheUsersNo) {
  const WebServer web({{200, device_answer(R"("interval":3600,"expires_in":7200)")}});
  Attempt run;
  run.answer = Shown::kRefused;
  EXPECT_EQ(run.log_in(standard(web)).failure().kind, RenewalFailure::kDenied);
  run.answer = Shown::kNowhere;
  EXPECT_EQ(run.log_in(standard(web)).failure().kind, RenewalFailure::kLogin);
}

TEST(DeviceFlow, IsShownAgainAsOftenAsItHasToBe) {
  const WebServer web({{200, device_answer(R"("interval":2,"expires_in":60)")}, {200, kTokens}});
  Attempt run;
  run.show_every = milliseconds(300);
  ASSERT_TRUE(run.log_in(standard(web)));
  EXPECT_GE(run.shown, 5);
}

TEST(DeviceFlow, IsBrokenOffBetweenPolls) {
  const WebServer web({{200, device_answer(R"("interval":3600,"expires_in":7200)")}});
  Attempt run;
  std::thread breaker([&] {
    while (web.seen().empty()) std::this_thread::yield();
    run.break_off.stopper().stop();
  });
  const auto tokens = run.log_in(standard(web));
  breaker.join();
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.failure().kind, RenewalFailure::kDenied);
}

TEST(LoginText, ShowsUriAndCodeAndTheCompleteUri) {
  DeviceAnswer code;
  code.user_code = "WDJB-MJHT";
  code.verification_uri = "https://h/d";
  EXPECT_THAT(login_text("ppm\x1b[2J", code), HasSubstr("https://h/d"));
  EXPECT_THAT(login_text("ppm\x1b[2J", code), HasSubstr("WDJB-MJHT"));
  EXPECT_THAT(login_text("ppm\x1b[2J", code), Not(HasSubstr("\x1b")));
  code.verification_uri_complete = "https://h/d?c=WDJB-MJHT";
  EXPECT_THAT(login_text("ppm", code), HasSubstr("https://h/d?c=WDJB-MJHT"));
}

TEST(LoginScreen, GoesByThePrompterWhereThereIsNoTerminal) {
  LoginShown told = LoginShown::kNowhere;
  LoginPlace place;
  const auto tell = [&](const LoginPlace& where) -> Result<LoginShown> {
    place = where;
    return told;
  };
  DeviceAnswer code;
  code.user_code = "WDJB-MJHT";
  code.verification_uri = "https://h/d";
  EXPECT_EQ(LoginScreen("ppm", false, false, tell).show(code), Shown::kNowhere);
  EXPECT_EQ(place.user_code, "WDJB-MJHT");
  LoginScreen screen("ppm", false, false, tell);
  told = LoginShown::kShown;
  EXPECT_EQ(screen.show(code), Shown::kGoOn);
  told = LoginShown::kNowhere;
  EXPECT_EQ(screen.show(code), Shown::kGoOn) << "it was read and closed";
  told = LoginShown::kRefused;
  EXPECT_EQ(screen.show(code), Shown::kRefused);
}

}  // namespace
}  // namespace tacit::oauth
