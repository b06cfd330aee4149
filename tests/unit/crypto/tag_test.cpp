#include "daemon/crypto/tag.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <string>
#include <vector>

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

/// The definition, word for word: one stream of lengths and inputs.
std::vector<unsigned char> by_definition(const KeyBytes& key, std::span<const Bytes> inputs,
                                         std::size_t size) {
  std::vector<unsigned char> stream;
  for (const Bytes input : inputs) {
    for (int i = 0; i < 8; ++i) {
      stream.push_back(static_cast<unsigned char>(std::uint64_t{input.size()} >> (8 * i)));
    }
    stream.insert(stream.end(), input.begin(), input.end());
  }
  std::vector<unsigned char> out(size);
  crypto_generichash_blake2b(out.data(), size, stream.data(), stream.size(), key.data(),
                             KeyBytes::kSize);
  return out;
}

TEST(Tag, TheBytesAreThoseOfTheDefinitionAtEverySize) {
  ASSERT_TRUE(init_crypto());
  const KeyBytes key = KeyBytes::random();
  std::vector<unsigned char> data(2000);
  random_bytes(data);
  const Bytes all(data);
  for (std::size_t size = 0; size <= 700; ++size) {
    const std::array<Bytes, 4> inputs{all.first(1), all.subspan(1, size / 3), Bytes(),
                                      all.subspan(700, size)};
    const Tag tag = keyed_tag(key, inputs);
    const WideTag wide = keyed_wide_tag(key, inputs);
    ASSERT_TRUE(std::ranges::equal(tag, by_definition(key, inputs, tag.size()))) << size;
    ASSERT_TRUE(std::ranges::equal(wide, by_definition(key, inputs, wide.size()))) << size;
  }
  const std::array<Bytes, 3> large{all, all, all.first(5)};
  EXPECT_TRUE(std::ranges::equal(keyed_tag(key, large), by_definition(key, large, 32)));
  EXPECT_TRUE(std::ranges::equal(keyed_tag(key, std::span<const Bytes>()),
                                 by_definition(key, std::span<const Bytes>(), 32)));
}

TEST(Tag, SameBytesNeedsTheSameLength) {
  EXPECT_TRUE(same_bytes(bytes_of("abc"), bytes_of("abc")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("abd")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("ab")));
}

}  // namespace
}  // namespace tacit
