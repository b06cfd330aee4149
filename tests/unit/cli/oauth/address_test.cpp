// Only https, and http to the loopback, whatever a URL looks like.
#include "cli/token/oauth/address.h"

#include <gtest/gtest.h>

namespace tacit::oauth {
namespace {

TEST(Address, TakesHttpsAnywhere) {
  const auto address = parse_address("HTTPS://PPM.Example.Com:8443/a?b=c");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_TRUE(address->tls);
  EXPECT_FALSE(address->loopback);
  EXPECT_EQ(address->host, "ppm.example.com");
  EXPECT_EQ(address->path, "/a");
}

TEST(Address, TakesHttpToTheLoopbackAlone) {
  for (const char* url : {"http://127.0.0.1/", "http://127.9.8.7:80", "http://[::1]:8080/x",
                          "http://localhost:3000/token", "http://LOCALHOST"}) {
    const auto address = parse_address(url);
    ASSERT_TRUE(address) << url << ": " << address.error().message;
    EXPECT_TRUE(address->loopback) << url;
  }
  for (const char* url :
       {"http://example.com/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://126.0.0.1/", "http://128.0.0.1/", "http://[::2]/", "http://10.0.0.1",
        "http://[::ffff:127.0.0.1]/", "http://localhost@example.com/", "http://0.0.0.0/"}) {
    EXPECT_FALSE(parse_address(url)) << url;
  }
}

TEST(Address, RefusesWhatMayBeReadInTwoWays) {
  for (const char* url :
       {"", "https://", "example.com", "ftp://example.com/", "file:///etc/passwd",
        "javascript:alert(1)", "https://user@example.com/", "https://user:word@example.com/",
        "https://example.com/#x", "https://example.com/a b", "https://example.com\\@evil.org/",
        "https://example.com/\n", "https://exam\tple.com/", "//example.com/"}) {
    EXPECT_FALSE(parse_address(url)) << url;
  }
  EXPECT_FALSE(parse_address("https://example.com/" + std::string(kMostUrlBytes, 'a')));
}

TEST(Address, JoinsWithOneSlash) {
  EXPECT_EQ(joined("https://h", "__api__/device"), "https://h/__api__/device");
  EXPECT_EQ(joined("https://h/", "__api__/device"), "https://h/__api__/device");
  EXPECT_EQ(joined("https://h/p//", "/x"), "https://h/p/x");
}

TEST(Address, PutsTheWellKnownPartBeforeThePath) {
  EXPECT_EQ(inserted_well_known("https://h", "n"), "https://h/.well-known/n");
  EXPECT_EQ(inserted_well_known("https://h/", "n"), "https://h/.well-known/n");
  EXPECT_EQ(inserted_well_known("https://h:1/a/b", "n"), "https://h:1/.well-known/n/a/b");
}

}  // namespace
}  // namespace tacit::oauth
