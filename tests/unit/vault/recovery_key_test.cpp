#include "daemon/vault/recovery_key.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "daemon/crypto/keys.h"
#include "daemon/vault/slot.h"

namespace tacit {
namespace {

std::string text_of(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

std::optional<SecretBytes> parse(const std::string& text) {
  return parse_recovery_key(SecretBytes::copy_of(text).bytes());
}

TEST(RecoveryKey, FourteenGroupsThatReadBack) {
  std::array<unsigned char, kRecoveryKeyBytes> key;
  random_bytes(key);
  const std::string text = text_of(recovery_key_text(key));
  EXPECT_EQ(text.size(), 14u * 4 + 13);
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(std::equal(key.begin(), key.end(), parsed->bytes().begin()));
}

TEST(RecoveryKey, ToleratesHowPeopleType) {
  const std::array<unsigned char, kRecoveryKeyBytes> key{0, 0, 8, 33, 1};  // has 0s and 1s
  const std::string text = text_of(recovery_key_text(key));
  std::string typed = " ";
  for (const char c : text) {
    if (c == '-') {
      typed += "  ";
    } else if (c == '0') {
      typed += 'o';
    } else if (c == '1') {
      typed += 'l';
    } else {
      typed += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  typed += "\r\n";
  ASSERT_TRUE(parse(typed));
  EXPECT_TRUE(std::equal(key.begin(), key.end(), parse(typed)->bytes().begin()));
}

TEST(RecoveryKey, EveryMistypedCharacterIsNoticed) {
  const SecretBytes generated = generate_recovery_key();
  const std::string text = text_of(generated);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    std::string wrong = text;
    wrong[i] = text[i] == 'Z' ? 'Y' : 'Z';
    EXPECT_FALSE(parse(wrong)) << i;
    wrong.erase(i, 1);
    EXPECT_FALSE(parse(wrong)) << i;
  }
  EXPECT_FALSE(parse(text + "0"));
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("U" + text.substr(1)));
}

}  // namespace
}  // namespace tacit
