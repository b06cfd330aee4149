#include "daemon/crypto/aead.h"

#include <gtest/gtest.h>

#include <vector>

#include "daemon/crypto/tag.h"

namespace tacit {
namespace {

TEST(Aead, RoundTripInPlaceAndEmpty) {
  const KeyBytes key = KeyBytes::random();
  for (const std::size_t size : {0, 1, 63, 64, 65, 4096}) {
    std::vector<unsigned char> text(size);
    random_bytes(text);
    std::vector<unsigned char> work = text;
    const Nonce nonce = random_nonce();
    const Mac mac = seal(key, nonce, bytes_of("aad"), work, work);
    EXPECT_TRUE(size <= 16 || work != text);
    ASSERT_TRUE(open(key, nonce, bytes_of("aad"), work, mac, work));
    EXPECT_EQ(work, text);
  }
}

TEST(Aead, EveryFlippedBitIsRefusedAndTheOutputWiped) {
  const KeyBytes key = KeyBytes::random();
  const std::vector<unsigned char> text(40, 'x');
  std::vector<unsigned char> aad(20, 'a');
  std::vector<unsigned char> cipher(text.size());
  Nonce nonce = random_nonce();
  Mac mac = seal(key, nonce, aad, text, cipher);
  std::vector<unsigned char> out(text.size());
  const auto refused = [&](std::span<unsigned char> part) {
    for (std::size_t bit = 0; bit < part.size() * 8; ++bit) {
      part[bit / 8] = static_cast<unsigned char>(part[bit / 8] ^ 1u << (bit % 8));
      std::fill(out.begin(), out.end(), 7);
      EXPECT_FALSE(open(key, nonce, aad, cipher, mac, out));
      EXPECT_EQ(out, std::vector<unsigned char>(out.size(), 0));
      part[bit / 8] = static_cast<unsigned char>(part[bit / 8] ^ 1u << (bit % 8));
    }
  };
  refused(cipher);
  refused(aad);
  refused(nonce);
  refused(mac);
  EXPECT_TRUE(open(key, nonce, aad, cipher, mac, out));
  EXPECT_FALSE(open(KeyBytes::random(), nonce, aad, cipher, mac, out));
}

}  // namespace
}  // namespace tacit
