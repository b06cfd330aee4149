// The recovery key as text: 256 random bits and a 24-bit checksum in Crockford's base 32.
#pragma once
#include <array>
#include <optional>

#include "tacit/secret_bytes.h"

namespace tacit {

inline constexpr std::size_t kRecoveryKeyBytes = 32;
inline constexpr std::size_t kRecoveryGroups = 14;  ///< of four characters each
inline constexpr std::size_t kRecoveryGroupChars = 4;

/// `key` (32 bytes) as 14 groups of four characters, joined by hyphens.
SecretBytes recovery_key_text(std::span<const unsigned char, kRecoveryKeyBytes> key);

/// The 32 bytes of a text; nothing if it is mistyped. Case, spaces, line ends and hyphens do not
/// count; O reads as 0, I and L as 1.
std::optional<SecretBytes> parse_recovery_key(std::span<const unsigned char> text);

}  // namespace tacit
