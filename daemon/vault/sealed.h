// Sealed boxes: nonce || ciphertext || mac in one blob.
#pragma once
#include <optional>
#include <vector>

#include "daemon/crypto/aead.h"
#include "tacit/secret_bytes.h"

namespace tacit {

inline constexpr std::size_t kBoxOverhead = kNonceBytes + kMacBytes;

/// Under a random nonce.
std::vector<unsigned char> seal_box(const KeyBytes& key, Bytes aad, Bytes plain);
/// Nothing if it is not what was sealed.
std::optional<SecretBytes> open_box(const KeyBytes& key, Bytes aad, Bytes box);

}  // namespace tacit
