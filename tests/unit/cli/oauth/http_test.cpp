#include "cli/token/oauth/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "client/cpp/base/utf8.h"
#include "tests/unit/cli/oauth/web_server.h"

namespace tacit::oauth {
namespace {

using std::chrono::milliseconds;
using tacit::testing::web_answer;
using tacit::testing::WebRequest;
using tacit::testing::WebServer;
using ::testing::HasSubstr;

std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

const HttpTrouble& trouble(const HttpOutcome& outcome) { return std::get<HttpTrouble>(outcome); }

TEST(Http, PostsAFormAndReadsTheAnswer) {
  const WebServer server({{200, R"({"a":1})"}});
  const Http http("");
  const auto outcome = http.post(server.url("/token"), as_bytes("a=b&c=d"), as_bytes("Basic eDp5"));
  ASSERT_TRUE(std::holds_alternative<HttpAnswer>(outcome)) << trouble(outcome).message;
  EXPECT_EQ(std::get<HttpAnswer>(outcome).status, 200);
  EXPECT_EQ(text(std::get<HttpAnswer>(outcome).body), R"({"a":1})");
  const WebRequest request = server.seen().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/token");
  EXPECT_EQ(request.body, "a=b&c=d");
  EXPECT_EQ(request.headers.at("accept"), "application/json");
  EXPECT_EQ(request.headers.at("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.headers.at("authorization"), "Basic eDp5");
  EXPECT_EQ(request.headers.count("cookie"), 0U);
}

TEST(Http, FollowsNoRedirect) {
  const WebServer server({[](const WebRequest&) {
    return web_answer(302, "", "Location: http://127.0.0.1:1/evil\r\n");
  }});
  const auto outcome = Http("").get(server.url("/"));
  EXPECT_EQ(std::get<HttpAnswer>(outcome).status, 302);
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST(Http, TakesNoMoreThanItsLimit) {
  const std::string large(kMostAnswerBytes + 1, 'a');
  const WebServer announced({{200, large}});
  EXPECT_EQ(trouble(Http("").get(announced.url())).kind, HttpTrouble::Kind::kTooLarge);
  const WebServer unannounced(
      {[&](const WebRequest&) { return "HTTP/1.1 200 X\r\n\r\n" + large; }});
  EXPECT_EQ(trouble(Http("").get(unannounced.url())).kind, HttpTrouble::Kind::kTooLarge);
  const WebServer just({{200, large.substr(1)}});
  EXPECT_TRUE(std::holds_alternative<HttpAnswer>(Http("").get(just.url())));
}

TEST(Http, TellsThatNothingWasSentWhereNobodyListens) {
  std::string nobody;
  {
    const WebServer gone({{200, ""}});
    nobody = gone.url("/token");
  }
  const auto outcome = Http("").post(nobody, as_bytes("a=b"));
  EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kNoAnswer);
  EXPECT_FALSE(trouble(outcome).may_have_sent);
  EXPECT_THAT(trouble(outcome).message, HasSubstr("127.0.0.1"));
}

TEST(Http, TellsThatSomethingMayHaveBeenSentWhereTheAnswerWasCut) {
  for (const char* bytes : {"", "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"access"}) {
    const WebServer server({[&](const WebRequest&) { return bytes; }});
    const auto outcome = Http("").post(server.url(), as_bytes("a=b"));
    EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kNoAnswer) << bytes;
    EXPECT_TRUE(trouble(outcome).may_have_sent) << bytes;
    EXPECT_EQ(server.seen().size(), 1U) << "a request was repeated";
  }
}

/// Answers once it is let go, at the latest when it goes itself.
class Stalling {
 public:
  Stalling()
      : server_({[this](const WebRequest&) {
          got_.test_and_set();
          got_.notify_all();
          let_go_.wait(false);
          return std::string();
        }}) {}
  ~Stalling() {
    let_go_.test_and_set();
    let_go_.notify_all();
  }
  void wait_for_request() { got_.wait(false); }
  std::string url() const { return server_.url(); }

 private:
  std::atomic_flag got_;
  std::atomic_flag let_go_;
  WebServer server_;
};

TEST(Http, WaitsForAnAnswerNoLongerThanItsLimit) {
  auto server = std::make_unique<Stalling>();
  const Http http("", nullptr, {milliseconds(1000), milliseconds(200)});
  const auto outcome = http.post(server->url(), as_bytes("a=b"));
  EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kTimeout);
  EXPECT_TRUE(trouble(outcome).may_have_sent);
}

TEST(Http, IsBrokenOff) {
  BreakOff break_off;
  Stalling server;
  std::thread breaker([&] {
    server.wait_for_request();
    break_off.stopper().stop();
  });
  const auto begin = Clock::now();
  const auto outcome = Http("", &break_off).post(server.url(), as_bytes("a=b"));
  breaker.join();
  EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kBrokenOff);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(10));
}

TEST(Http, IsBrokenOffOnceNobodyReadsWhatCameOfIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const BreakOff break_off(ends[1]);
  Stalling server;
  std::thread breaker([&] {
    server.wait_for_request();
    ::close(ends[0]);
  });
  const auto outcome = Http("", &break_off).get(server.url());
  breaker.join();
  ::close(ends[1]);
  EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kBrokenOff);
}

TEST(Http, GoesStraightToTheLoopbackWhateverProxyIsNamed) {
  const WebServer proxy({{500, ""}});
  const WebServer server({{200, "{}"}});
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  const auto outcome = Http("").get(server.url());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  EXPECT_EQ(std::get<HttpAnswer>(outcome).status, 200);
  EXPECT_TRUE(proxy.seen().empty());
}

TEST(Http, SpeaksHttpsThroughAProxyAndShowsItNothing) {
  const WebServer proxy({{403, ""}});
  ::setenv("https_proxy", proxy.url().c_str(), 1);
  const auto outcome = Http("").post("https://ppm.example.invalid/token", as_bytes("a=S3CRET"),
                                     as_bytes("Basic S3CRET"));
  ::unsetenv("https_proxy");
  EXPECT_FALSE(trouble(outcome).may_have_sent);
  const WebRequest request = proxy.seen().at(0);
  EXPECT_EQ(request.method, "CONNECT");
  EXPECT_EQ(request.path, "ppm.example.invalid:443");
  EXPECT_EQ(request.headers.count("authorization"), 0U);
  EXPECT_EQ(request.headers.count("content-length"), 0U);
}

TEST(Http, DoesNotSpeakToWhatItShouldNot) {
  for (const char* url : {"http://example.com/", "ftp://127.0.0.1/", "https://u@127.0.0.1/"}) {
    const auto outcome = Http("").post(url, as_bytes("a=b"));
    EXPECT_EQ(trouble(outcome).kind, HttpTrouble::Kind::kRefused) << url;
    EXPECT_FALSE(trouble(outcome).may_have_sent) << url;
  }
}

TEST(Http, TrustsNoServerThatSpeaksNoTls) {
  const WebServer server({{200, "{}"}});
  const Http http("", nullptr, {milliseconds(300), milliseconds(500)});
  const auto outcome = http.post("https" + server.url("/").substr(4), as_bytes("token=S3CRET"));
  EXPECT_FALSE(trouble(outcome).may_have_sent);
  EXPECT_TRUE(server.seen().empty());
}

TEST(BasicAuthorization, IsThatOfRfc7617) {
  EXPECT_EQ(text(basic_authorization(as_bytes("Aladdin"), as_bytes("open sesame"))),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace tacit::oauth
