#include "daemon/crypto/padding.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tacit {
namespace {

TEST(Padding, SizeClasses) {
  EXPECT_EQ(padded_small(0), 64u);
  EXPECT_EQ(padded_small(63), 64u);
  EXPECT_EQ(padded_small(64), 128u);
  EXPECT_EQ(padded_value(0), 16u);
  EXPECT_EQ(padded_value(15), 16u);
  EXPECT_EQ(padded_value(16), 32u);
  EXPECT_EQ(padded_value(2048), 4096u);
  EXPECT_EQ(padded_value(4095), 4096u);
  EXPECT_EQ(padded_value(4096), 8192u);
  EXPECT_EQ(padded_value(768 * 1024), 772u * 1024);
}

TEST(Padding, RoundTripOfEverySizeAndOfBytesThatLookLikePadding) {
  for (std::size_t size = 0; size < 9000; size += size < 200 ? 1 : 37) {
    for (const unsigned char fill : std::array<unsigned char, 2>{0x00, 0x80}) {
      const std::vector<unsigned char> plain(size, fill);
      for (const std::size_t padded : {padded_small(size), padded_value(size)}) {
        SecretBytes secret = pad_to(plain, padded);
        ASSERT_EQ(secret.size(), padded);
        ASSERT_TRUE(unpad(secret));
        ASSERT_TRUE(
            std::equal(plain.begin(), plain.end(), secret.bytes().begin(), secret.bytes().end()));
      }
    }
  }
}

TEST(Padding, WithoutAMarkNothingIsCut) {
  SecretBytes zeros(64);
  EXPECT_FALSE(unpad(zeros));
  EXPECT_EQ(zeros.size(), 64u);
  SecretBytes odd(63);
  EXPECT_FALSE(unpad(odd));
  SecretBytes empty;
  EXPECT_FALSE(unpad(empty));
}

}  // namespace
}  // namespace tacit
