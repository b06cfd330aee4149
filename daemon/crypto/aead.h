// Sealing and opening: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), by libsodium. Nonces
// are random; 192 bits leave no need to count messages.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "daemon/crypto/keys.h"

namespace tacit {

inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kMacBytes = 16;
using Nonce = std::array<unsigned char, kNonceBytes>;
using Mac = std::array<unsigned char, kMacBytes>;

Nonce random_nonce() noexcept;

/// Seals `plain` into `cipher` (the same length; the two may be the same memory) and returns the
/// mac, which also covers `aad`.
Mac seal(const KeyBytes& key, const Nonce& nonce, Bytes aad, Bytes plain,
         std::span<unsigned char> cipher) noexcept;

/// The reverse. False, with `plain` wiped: anything of key, nonce, aad, cipher or mac is not what
/// was sealed. `plain` must have the cipher's length.
[[nodiscard]] bool open(const KeyBytes& key, const Nonce& nonce, Bytes aad, Bytes cipher,
                        const Mac& mac, std::span<unsigned char> plain) noexcept;

}  // namespace tacit
