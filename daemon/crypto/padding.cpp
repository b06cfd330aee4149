#include "daemon/crypto/padding.h"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace tacit {
namespace {

constexpr std::size_t kSmallBlock = 64;
constexpr std::size_t kLeastValue = 16;
constexpr std::size_t kValueBlock = 4096;

/// sodium_pad looks at every byte of the last block, in constant time: a block of the whole
/// length only where that is short.
std::size_t block_of(std::size_t padded) {
  if (padded % kValueBlock == 0) return kValueBlock;
  return padded <= kValueBlock ? padded : kSmallBlock;
}

}  // namespace

std::size_t padded_small(std::size_t size) noexcept {
  return (size / kSmallBlock + 1) * kSmallBlock;
}

std::size_t padded_value(std::size_t size) noexcept {
  if (size < kValueBlock) return std::bit_ceil(std::max(size + 1, kLeastValue));
  return (size / kValueBlock + 1) * kValueBlock;
}

SecretBytes pad_to(Bytes plain, std::size_t padded) {
  assert(plain.size() < padded);
  SecretBytes out(padded);
  std::copy(plain.begin(), plain.end(), out.writable().begin());
  std::size_t length = 0;
  sodium_pad(&length, out.writable().data(), plain.size(), block_of(padded), padded);
  assert(length == padded);
  return out;
}

bool unpad(SecretBytes& padded) noexcept {
  std::size_t length = 0;
  if (padded.size() < kLeastValue || padded.size() % kLeastValue != 0 ||
      padded.size() % block_of(padded.size()) != 0 ||
      sodium_unpad(&length, padded.bytes().data(), padded.size(), block_of(padded.size())) != 0) {
    return false;
  }
  padded.truncate(length);
  return true;
}

}  // namespace tacit
