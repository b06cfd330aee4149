#include "daemon/crypto/tag.h"

#include <gtest/gtest.h>

namespace tacit {
namespace {

TEST(Tag, InputsDoNotRunTogether) {
  const KeyBytes key = KeyBytes::random();
  const Tag ab_c = keyed_tag(key, {bytes_of("ab"), bytes_of("c")});
  EXPECT_NE(ab_c, keyed_tag(key, {bytes_of("a"), bytes_of("bc")}));
  EXPECT_NE(ab_c, keyed_tag(key, {bytes_of("abc")}));
  EXPECT_NE(ab_c, keyed_tag(key, {bytes_of("ab"), bytes_of("c"), bytes_of("")}));
  EXPECT_EQ(ab_c, keyed_tag(key, {bytes_of("ab"), bytes_of("c")}));
  EXPECT_NE(ab_c, keyed_tag(KeyBytes::random(), {bytes_of("ab"), bytes_of("c")}));
}

TEST(Tag, WideAndNarrowAreDifferentFunctions) {
  const KeyBytes key = KeyBytes::random();
  const Tag narrow = keyed_tag(key, {bytes_of("x")});
  const WideTag wide = keyed_wide_tag(key, {bytes_of("x")});
  EXPECT_FALSE(same_bytes(narrow, Bytes(wide).first(32)));
}

TEST(Tag, SameBytesNeedsTheSameLength) {
  EXPECT_TRUE(same_bytes(bytes_of("abc"), bytes_of("abc")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("abd")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("ab")));
}

}  // namespace
}  // namespace tacit
