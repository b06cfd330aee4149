#include "cli/token/oauth/pkce.h"

#include <sodium.h>

#include <array>

namespace tacit::oauth {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kEncodedBytes = sodium_base64_ENCODED_LEN(32, kVariant);  // with its NUL

}  // namespace

Pkce make_pkce() {
  SecretBytes random(32);
  randombytes_buf(random.writable().data(), random.size());
  Pkce out{SecretBytes(kEncodedBytes), {}};
  sodium_bin2base64(reinterpret_cast<char*>(out.verifier.writable().data()), kEncodedBytes,
                    random.bytes().data(), random.size(), kVariant);
  out.verifier.truncate(kEncodedBytes - 1);
  out.challenge = challenge_of(out.verifier.bytes());
  return out;
}

std::string challenge_of(std::span<const unsigned char> verifier) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), verifier.data(), verifier.size());
  std::array<char, kEncodedBytes> text{};
  sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(), kVariant);
  return text.data();
}

}  // namespace tacit::oauth
