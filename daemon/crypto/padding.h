// Padding that hides exact lengths: ISO/IEC 7816-4 by sodium_pad, to a few size classes.
#pragma once
#include <cstddef>
#include <optional>

#include "daemon/crypto/keys.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// Length of a padded name or record: the next multiple of 64 above `size`.
std::size_t padded_small(std::size_t size) noexcept;
/// Length of a padded value: the next power of two above `size` from 16 to 4,096, then the next
/// multiple of 4,096.
std::size_t padded_value(std::size_t size) noexcept;

/// A padded copy, `padded` long (from a function above, so more than plain.size()).
SecretBytes pad_to(Bytes plain, std::size_t padded);
/// Cuts the padding off. False, with nothing changed, when there is none: only an authentic
/// plaintext may be asked.
[[nodiscard]] bool unpad(SecretBytes& padded) noexcept;

}  // namespace tacit
