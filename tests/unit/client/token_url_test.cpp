// Which of several tokens is for a URL.
#include <gtest/gtest.h>

#include "tacit/tokens.h"

namespace tacit {
namespace {

TokenInfo token(const std::string& name, const std::string& address,
                const std::string& username = "") {
  TokenInfo out;
  out.item = {"default", name};
  out.recipe.address = address;
  out.recipe.username = username;
  return out;
}

std::string found(std::span<const TokenInfo> all, std::string_view url,
                  std::optional<std::string_view> username = {}) {
  const TokenInfo* one = token_for_url(all, url, username);
  return one == nullptr ? "none" : one->item.name;
}

TEST(TokenForUrl, TheNearestAddressAnswers) {
  const std::vector<TokenInfo> all{token("whole", "https://h.example"),
                                   token("part", "https://h.example/a/b"),
                                   token("other", "https://o.example"), token("nowhere", "")};
  EXPECT_EQ(found(all, "https://h.example/x"), "whole");
  EXPECT_EQ(found(all, "https://h.example/a/b/c"), "part");
  EXPECT_EQ(found(all, "https://h.example/a/bc"), "whole");
  EXPECT_EQ(found(all, "https://H.example:443/a/b"), "part");
  EXPECT_EQ(found(all, "h.example"), "whole");
  EXPECT_EQ(found(all, "https://h.example.evil.org/"), "none");
  EXPECT_EQ(found(all, "http://h.example/"), "none");
  EXPECT_EQ(found(all, ""), "none");
}

TEST(TokenForUrl, AUserNameIsTheTokensOwn) {
  const std::vector<TokenInfo> all{token("any", "https://h.example"),
                                   token("ada", "https://h.example", "ada")};
  EXPECT_EQ(found(all, "https://h.example", "ada"), "ada");
  EXPECT_EQ(found(all, "https://h.example", "__token__"), "any");
  EXPECT_EQ(found(all, "https://h.example", ""), "any");
  EXPECT_EQ(found(all, "https://h.example"), "any");
  EXPECT_EQ(found(all, "https://h.example", "bob"), "none");
}

}  // namespace
}  // namespace tacit
