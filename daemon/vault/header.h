// The vault's header: its identity in clear, the ring of data keys, the MAC over both and the
// slots (FORMAT.md, "Header").
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/crypto/tag.h"
#include "daemon/vault/slot.h"

namespace tacit {

inline constexpr std::uint32_t kApplicationId = 0x54434954;  ///< `TCIT`
inline constexpr std::uint32_t kFormat = 1;                  ///< SQLite's user_version

struct Header {
  std::uint16_t format = kFormat;
  std::uint16_t least_reader = kFormat;  ///< the oldest format number whose readers may read this
  VaultId vault_id{};
  std::int64_t created = 0;  ///< milliseconds since the epoch
  bool recovery_key_unconfirmed = false;
};

inline constexpr std::size_t kHeaderBodyBytes = 8 + 2 + 2 + 16 + 8 + 4;
std::array<unsigned char, kHeaderBodyBytes> encode_header(const Header& header);
std::optional<Header> decode_header(Bytes body);

/// Data keys (DEK) by term, oldest first; at least one, at most kMaxTerms.
struct KeyRing {
  struct Entry {
    std::uint32_t term = 0;
    KeyBytes key;
  };
  std::vector<Entry> entries;

  const Entry& newest() const { return entries.back(); }
  /// Null for an unknown term.
  const KeyBytes* find(std::uint32_t term) const;
};
inline constexpr std::size_t kMaxTerms = 4;

/// Sealed under K_ring: nonce || ciphertext || mac.
std::vector<unsigned char> seal_ring(const KeyRing& ring, const KeyBytes& ring_key,
                                     const VaultId& vault_id);
std::optional<KeyRing> open_ring(Bytes sealed, const KeyBytes& ring_key, const VaultId& vault_id);

/// Under K_hdr, over everything that is in clear and how the vault opens.
Tag header_mac(const KeyBytes& header_key, std::uint32_t application_id, std::uint32_t user_version,
               Bytes body, Bytes sealed_ring, std::span<const Slot> slots);

}  // namespace tacit
