#include "daemon/vault/sealed.h"

#include <algorithm>

namespace tacit {

std::vector<unsigned char> seal_box(const KeyBytes& key, Bytes aad, Bytes plain) {
  std::vector<unsigned char> box(kBoxOverhead + plain.size());
  const Nonce nonce = random_nonce();
  std::copy(nonce.begin(), nonce.end(), box.begin());
  const std::span<unsigned char> rest = std::span(box).subspan(kNonceBytes);
  const Mac mac = seal(key, nonce, aad, plain, rest.first(plain.size()));
  std::copy(mac.begin(), mac.end(), rest.subspan(plain.size()).begin());
  return box;
}

std::optional<SecretBytes> open_box(const KeyBytes& key, Bytes aad, Bytes box) {
  if (box.size() < kBoxOverhead) return std::nullopt;
  Nonce nonce;
  Mac mac;
  std::copy_n(box.begin(), kNonceBytes, nonce.begin());
  std::copy_n(box.end() - kMacBytes, kMacBytes, mac.begin());
  SecretBytes plain(box.size() - kBoxOverhead);
  if (!open(key, nonce, aad, box.subspan(kNonceBytes, plain.size()), mac, plain.writable())) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace tacit
