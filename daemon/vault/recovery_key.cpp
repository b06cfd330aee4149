#include "daemon/vault/recovery_key.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>

#include "daemon/crypto/tag.h"

namespace tacit {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kChecksumLabel = "tacit-v1 recovery";
constexpr std::size_t kChecksumBytes = 3;
constexpr std::size_t kCodedBytes = kRecoveryKeyBytes + kChecksumBytes;
constexpr std::size_t kChars = kCodedBytes * 8 / 5;
static_assert(kChars == kRecoveryGroups * kRecoveryGroupChars && kCodedBytes * 8 % 5 == 0);

std::array<unsigned char, kChecksumBytes> checksum(std::span<const unsigned char> key) {
  crypto_generichash_blake2b_state state;
  std::array<unsigned char, 32> hash;
  crypto_generichash_blake2b_init(&state, nullptr, 0, hash.size());
  crypto_generichash_blake2b_update(
      &state, reinterpret_cast<const unsigned char*>(kChecksumLabel.data()), kChecksumLabel.size());
  crypto_generichash_blake2b_update(&state, key.data(), key.size());
  crypto_generichash_blake2b_final(&state, hash.data(), hash.size());
  sodium_memzero(&state, sizeof state);
  return {hash[0], hash[1], hash[2]};
}

/// -1 for what is no digit.
int digit_of(unsigned char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<unsigned char>(c - 'a' + 'A');
  if (c == 'O') return 0;
  if (c == 'I' || c == 'L') return 1;
  const std::size_t at = kDigits.find(static_cast<char>(c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_separator(unsigned char c) {
  return c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

SecretBytes recovery_key_text(std::span<const unsigned char, kRecoveryKeyBytes> key) {
  SecretBytes coded(kCodedBytes);
  std::copy(key.begin(), key.end(), coded.writable().begin());
  const auto sum = checksum(key);
  std::copy(sum.begin(), sum.end(), coded.writable().begin() + kRecoveryKeyBytes);

  SecretBytes text(kChars + kRecoveryGroups - 1);
  std::size_t out = 0;
  for (std::size_t i = 0; i < kChars; ++i) {
    if (i != 0 && i % kRecoveryGroupChars == 0) text.writable()[out++] = '-';
    unsigned digit = 0;  // bits 5i to 5i+4, the most significant first
    for (std::size_t bit = 5 * i; bit < 5 * i + 5; ++bit) {
      digit = digit << 1 | (coded.bytes()[bit / 8] >> (7 - bit % 8) & 1u);
    }
    text.writable()[out++] = static_cast<unsigned char>(kDigits[digit]);
  }
  return text;
}

std::optional<SecretBytes> parse_recovery_key(std::span<const unsigned char> text) {
  SecretBytes coded(kCodedBytes);
  std::size_t count = 0;
  for (const unsigned char c : text) {
    if (is_separator(c)) continue;
    const int digit = digit_of(c);
    if (digit < 0 || count == kChars) return std::nullopt;
    for (int i = 0; i < 5; ++i) {
      const std::size_t bit = 5 * count + static_cast<std::size_t>(i);
      if ((digit >> (4 - i) & 1) != 0) {
        coded.writable()[bit / 8] =
            static_cast<unsigned char>(coded.bytes()[bit / 8] | 1u << (7 - bit % 8));
      }
    }
    ++count;
  }
  if (count != kChars) return std::nullopt;
  const auto sum = checksum(coded.bytes().first(kRecoveryKeyBytes));
  if (!same_bytes(sum, coded.bytes().subspan(kRecoveryKeyBytes))) return std::nullopt;
  coded.truncate(kRecoveryKeyBytes);
  return coded;
}

}  // namespace tacit
