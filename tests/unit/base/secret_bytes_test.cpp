#include "tacit/secret_bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace tacit {
namespace {

std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

TEST(SecretBytes, AbsorbCopiesAndWipesItsSource) {
  std::array<unsigned char, 4> source{'a', 'b', 0, 'd'};
  const SecretBytes secret = SecretBytes::absorb(source);
  EXPECT_EQ(text(secret), std::string("ab\0d", 4));
  EXPECT_EQ(source, (std::array<unsigned char, 4>{}));
}

TEST(SecretBytes, MovedFromIsEmpty) {
  SecretBytes first = SecretBytes::copy_of("value");
  const SecretBytes second = std::move(first);
  EXPECT_EQ(text(second), "value");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_TRUE(first.bytes().empty());
}

TEST(SecretBytes, TruncateWipesTheTail) {
  SecretBytes secret = SecretBytes::copy_of("value!");
  const unsigned char* data = secret.bytes().data();
  secret.truncate(2);
  EXPECT_EQ(text(secret), "va");
  for (int i = 2; i < 6; ++i) EXPECT_EQ(data[i], 0) << i;
  secret.truncate(9);
  EXPECT_EQ(secret.size(), 2u);
}

TEST(SecretBytes, EmptyIsAValue) {
  const SecretBytes none = SecretBytes::copy_of("");
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.clone().empty());
}

}  // namespace
}  // namespace tacit
