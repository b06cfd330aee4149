#include "cli/token/oauth/pkce.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "client/cpp/base/utf8.h"

namespace tacit::oauth {
namespace {

TEST(Pkce, GivesTheChallengeOfRfc7636) {
  // Appendix B.
  EXPECT_EQ(challenge_of(as_bytes("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, MakesAVerifierOfTheAllowedCharactersAnewEachTime) {
  const Pkce one = make_pkce();
  const Pkce other = make_pkce();
  ASSERT_EQ(one.verifier.size(), 43U);
  EXPECT_TRUE(std::ranges::all_of(one.verifier.bytes(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  }));
  EXPECT_FALSE(std::ranges::equal(one.verifier.bytes(), other.verifier.bytes()));
  EXPECT_EQ(one.challenge, challenge_of(one.verifier.bytes()));
}

}  // namespace
}  // namespace tacit::oauth
