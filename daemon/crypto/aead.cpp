#include "daemon/crypto/aead.h"

#include <sodium.h>

#include <cassert>

namespace tacit {
namespace {

// libsodium wants a place for the bytes of an empty text too.
template <class Byte>
Byte* place(std::span<Byte> bytes) {
  static unsigned char nothing = 0;
  return bytes.empty() ? &nothing : bytes.data();
}

}  // namespace

static_assert(kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kMacBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(KeyBytes::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

Nonce random_nonce() noexcept {
  Nonce nonce;
  randombytes_buf(nonce.data(), nonce.size());
  return nonce;
}

Mac seal(const KeyBytes& key, const Nonce& nonce, Bytes aad, Bytes plain,
         std::span<unsigned char> cipher) noexcept {
  assert(plain.size() == cipher.size());
  Mac mac;
  unsigned long long mac_size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
      place(cipher), mac.data(), &mac_size, plain.data(), plain.size(), aad.data(), aad.size(),
      nullptr, nonce.data(), key.data());
  return mac;
}

bool open(const KeyBytes& key, const Nonce& nonce, Bytes aad, Bytes cipher, const Mac& mac,
          std::span<unsigned char> plain) noexcept {
  assert(plain.size() == cipher.size());
  if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
          plain.data(), nullptr, place(cipher), cipher.size(), mac.data(), aad.data(), aad.size(),
          nonce.data(), key.data()) == 0) {
    return true;
  }
  sodium_memzero(plain.data(), plain.size());
  return false;
}

}  // namespace tacit
