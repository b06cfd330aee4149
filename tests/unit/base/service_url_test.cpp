// Which URLs are of an address, and which only look so.
#include "tacit/service_url.h"

#include <gtest/gtest.h>

#include <string>

namespace tacit {
namespace {

bool below(std::string_view url, std::string_view address) {
  const auto parsed = parse_service_url(url);
  const auto at = parse_service_url(address);
  EXPECT_TRUE(at.has_value()) << address;
  return parsed && at && is_below(*parsed, *at);
}

constexpr std::string_view kAddress = "https://ppm.example.com";
constexpr std::string_view kWithPath = "https://ppm.example.com/packages/";

TEST(ServiceUrl, IsOfItsServer) {
  for (const std::string_view url :
       {"https://ppm.example.com", "https://ppm.example.com/", "https://ppm.example.com/simple/x",
        "HTTPS://PPM.Example.COM/simple", "https://ppm.example.com:443/simple",
        "https://ppm.example.com./simple", "https://ppm.example.com.:443",
        "https://ppm.example.com:", "https://__token__@ppm.example.com/simple",
        "https://u:p%40ss@ppm.example.com/simple", "https://ppm.example.com?x=/",
        "https://ppm.example.com#x", "ppm.example.com", "PPM.example.com:443",
        "https://ppm.example.com//simple"}) {
    EXPECT_TRUE(below(url, kAddress)) << url;
  }
}

TEST(ServiceUrl, LookAlikesGetNothing) {
  for (const std::string_view url : {"https://ppm.example.com.evil.org/",
                                     "https://ppm.example.com:8443/",
                                     "https://ppm.example.com:4430/",
                                     "http://ppm.example.com/",
                                     "http://ppm.example.com:443/",
                                     "https://ppm.example.com@evil.org/",
                                     "https://ppm.example.com:443@evil.org/",
                                     "https://evil.org/@ppm.example.com",
                                     "https://evil.org#@ppm.example.com",
                                     "https://evil.org?@ppm.example.com",
                                     "https://evil.org\\@ppm.example.com",
                                     "https://evil.org@x@ppm.example.com",
                                     "https://evil.org%2f@x@ppm.example.com",
                                     "https://evilppm.example.com/",
                                     "https://ppm.example.com%2eevil.org/",
                                     "https://ppm%2eexample.com/",
                                     "https://ppm.example.com..",
                                     "https://.ppm.example.com",
                                     "https://ppm..example.com",
                                     "https://ppm.example.com\t.evil.org",
                                     "https://ppm.example.com\n",
                                     " https://ppm.example.com",
                                     "https:ppm.example.com",
                                     "https:/ppm.example.com",
                                     "https:///ppm.example.com",
                                     "//ppm.example.com",
                                     "ftp://ppm.example.com",
                                     "ppm.example.com:80",
                                     "ppm.example.com:8443",
                                     "ppm.example.com/simple",
                                     "x@ppm.example.com",
                                     "example.com",
                                     "https://example.com",
                                     "",
                                     "https://",

                                     "https://ppm.example.com:99999",
                                     "https://ppm.example.com:-1",
                                     "https://\xd1\x80pm.example.com"}) {
    EXPECT_FALSE(below(url, kAddress)) << url;
  }
}

TEST(ServiceUrl, ThePathCountsUpToASlash) {
  for (const std::string_view url :
       {"https://ppm.example.com/packages", "https://ppm.example.com/packages/",
        "https://ppm.example.com/packages/x", "https://ppm.example.com/%70ackages/x",
        "https://ppm.example.com/x/../packages/y", "https://ppm.example.com/x/%2e%2e/packages",
        "https://ppm.example.com/./packages?q", "https://ppm.example.com/../packages"}) {
    EXPECT_TRUE(below(url, kWithPath)) << url;
  }
  for (const std::string_view url :
       {"https://ppm.example.com/", "https://ppm.example.com/packages2",
        "https://ppm.example.com/Packages", "https://ppm.example.com/packages/../other",
        "https://ppm.example.com/packages/%2e%2E/other", "https://ppm.example.com/packages/..",
        "https://ppm.example.com/packages/..%2fother", "https://ppm.example.com/packages/..;/other",
        "https://ppm.example.com/packages%2fx", "https://ppm.example.com/packages/%5c..%5cx",
        "https://ppm.example.com/packages\\..\\x", "https://ppm.example.com//packages",
        "https://ppm.example.com/packages/%zz", "https://ppm.example.com/packages/%2",
        "https://ppm.example.com/?/packages", "https://ppm.example.com/#/packages",
        "ppm.example.com", "ppm.example.com:443"}) {
    EXPECT_FALSE(below(url, kWithPath)) << url;
  }
}

TEST(ServiceUrl, PlainHttpIsAServerOfItsOwn) {
  EXPECT_TRUE(below("http://127.0.0.1:8080/simple", "http://127.0.0.1:8080"));
  EXPECT_TRUE(below("127.0.0.1:8080", "http://127.0.0.1:8080"));
  EXPECT_TRUE(below("http://localhost:80", "http://localhost"));
  EXPECT_FALSE(below("https://127.0.0.1:8080/simple", "http://127.0.0.1:8080"));
  EXPECT_FALSE(below("http://localhost:443", "http://localhost"));
  EXPECT_FALSE(below("http://127.1:8080/", "http://127.0.0.1:8080"));
}

TEST(ServiceUrl, AddressesOfIpv6AreNumbers) {
  EXPECT_TRUE(below("http://[::1]:8080/x", "http://[0:0:0::1]:8080"));
  EXPECT_FALSE(below("http://[::2]:8080/x", "http://[::1]:8080"));
  EXPECT_FALSE(parse_service_url("http://[::1"));
  EXPECT_FALSE(parse_service_url("http://[::1]x/"));
  EXPECT_FALSE(parse_service_url("http://[fe80::1%25eth0]/"));
  EXPECT_FALSE(parse_service_url("http://::1/"));
}

TEST(ServiceUrl, IsWrittenInOneWay) {
  const auto written = [](std::string_view text) {
    const auto url = parse_service_url(text);
    return url ? to_string(*url) : std::string("none");
  };
  EXPECT_EQ(written("HTTPS://u@Host.:443/a/./b/%7ec/%c3%a9/?q#f"), "https://host/a/b/~c/%C3%A9");
  EXPECT_EQ(written("http://h:80/\xc3\xa9"), "http://h/%C3%A9");
  EXPECT_EQ(written("http://h:443/a/"), "http://h:443/a");
  EXPECT_EQ(written("http://h/a//"), "http://h/a//");
  EXPECT_EQ(written("Host:8443"), "host:8443");
}

}  // namespace
}  // namespace tacit
