#include "daemon/crypto/keys.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <utility>
#include <vector>

namespace tacit {
namespace {

TEST(KeyBytes, ThirtyTwoAndNotOneMore) {
  ASSERT_TRUE(init_crypto());
  ASSERT_EQ(KeyBytes::alive(), 0);
  std::vector<KeyBytes> keys;
  for (int i = 0; i < KeyBytes::kMaxAlive; ++i) keys.push_back(KeyBytes::random());
  EXPECT_THROW(KeyBytes::random(), std::bad_alloc);
  keys.pop_back();
  EXPECT_NO_THROW(KeyBytes::zero());
  keys.clear();
  EXPECT_EQ(KeyBytes::alive(), 0);
}

TEST(KeyBytes, MovedFromHoldsNothing) {
  KeyBytes first = KeyBytes::random();
  const KeyBytes copy = first.clone();
  const KeyBytes second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_TRUE(std::equal(copy.bytes().begin(), copy.bytes().end(), second.bytes().begin()));
  EXPECT_EQ(KeyBytes::alive(), 2);
}

TEST(KeyBytes, SubkeysDifferByIdAndAreSteady) {
  const KeyBytes root = KeyBytes::random();
  const KeyBytes one = root.subkey(1);
  const KeyBytes two = root.subkey(2);
  const KeyBytes again = root.subkey(1);
  EXPECT_FALSE(std::equal(one.bytes().begin(), one.bytes().end(), two.bytes().begin()));
  EXPECT_TRUE(std::equal(one.bytes().begin(), one.bytes().end(), again.bytes().begin()));
}

TEST(KeyBytes, TheGuardPageBehindAKeyKills) {
  EXPECT_DEATH(
      {
        KeyBytes key = KeyBytes::random();
        volatile unsigned char* end = key.writable().data() + KeyBytes::kSize;
        *end = 1;
      },
      "");
}

}  // namespace
}  // namespace tacit
