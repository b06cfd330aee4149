// What a token's value holds, byte for byte.
#include "daemon/tokens/token_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {

TokenValue example() {
  TokenValue value;
  value.obtained = 1'000;
  value.due = 2'000;
  value.unattended = true;
  value.access = SecretBytes::copy_of(std::string("access"));
  value.refresh = SecretBytes::copy_of(std::string("refresh"));
  value.recipe = SecretBytes::copy_of(std::string("recipe"));
  return value;
}

TEST(TokenValue, IsReadBackAsItWasWritten) {
  const auto read = decode_token(encode_token(example()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->obtained, 1'000);
  EXPECT_EQ(read->due, 2'000);
  EXPECT_TRUE(read->unattended);
  EXPECT_TRUE(std::ranges::equal(read->access.bytes(), example().access.bytes()));
  EXPECT_TRUE(std::ranges::equal(read->refresh.bytes(), example().refresh.bytes()));
  EXPECT_TRUE(std::ranges::equal(read->recipe.bytes(), example().recipe.bytes()));
}

TEST(TokenValue, NoOtherBytesAreOne) {
  const SecretBytes value = encode_token(example());
  for (std::size_t cut = 0; cut < value.size(); ++cut) {
    EXPECT_FALSE(decode_token(SecretBytes::copy_of(value.bytes().first(cut))).ok()) << cut;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      SecretBytes changed = value.clone();
      changed.writable()[i] ^= static_cast<unsigned char>(1 << bit);
      const auto read = decode_token(changed);
      if (!read.ok()) {
        EXPECT_EQ(reason_of(read.status()), Reason::kVaultDamaged);
        continue;
      }
      EXPECT_TRUE(std::ranges::equal(encode_token(*read).bytes(), changed.bytes())) << i;
    }
  }
}

TEST(TokenValue, ItsSecretsAreTheTokensAndNotTheRecipe) {
  Item item;
  item.value = encode_token(example());
  auto plain = secrets_of({item.metadata, item.value.clone()});
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->size(), 1u) << "an item that is no token is its value";
  item.metadata.content_type = std::string(kTokenType);
  const auto secrets = secrets_of(std::move(item));
  ASSERT_TRUE(secrets.ok());
  ASSERT_EQ(secrets->size(), 2u);
  EXPECT_TRUE(std::ranges::equal((*secrets)[0].bytes(), example().access.bytes()));
  EXPECT_TRUE(std::ranges::equal((*secrets)[1].bytes(), example().refresh.bytes()));
}

}  // namespace
}  // namespace tacit
