// What is sealed in the rows, as bytes (FORMAT.md, "Records"). Pure: no key, no disk.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/vault/item.h"
#include "daemon/vault/slot.h"  // VaultId
#include "tacit/secret_bytes.h"

namespace tacit {

/// What the sealed part of an `item` row holds: one version, all but its value and name.
struct VersionRecord {
  bool deleted = false;
  Policy strictest_policy = Policy::kOpen;  ///< the strictest that this version ever had
  UnixMillis created = 0;
  UnixMillis modified = 0;
  UnixMillis expires = 0;
  std::uint32_t value_size = 0;
  std::string content_type;
  Attributes attributes;
};

/// What the sealed part of a `collection` row holds.
struct CollectionRecord {
  std::optional<CollectionId> inherits_from;
  std::string name;
};

/// Padded, ready to be sealed. The record must be within item.h's limits.
SecretBytes encode_version(const VersionRecord& record);
SecretBytes encode_collection(const CollectionRecord& record);
/// Of an opened row, padding included. Strict: nothing for an unknown layout, a length out of
/// bounds, text that is not UTF-8, attributes out of order or twice, or bytes left over.
std::optional<VersionRecord> decode_version(SecretBytes padded);
std::optional<CollectionRecord> decode_collection(SecretBytes padded);
/// The text of an opened `name` row: UTF-8 without NUL, 1 to 1,024 bytes.
std::optional<std::string> decode_name(SecretBytes padded);

/// Which kind of sealed part; in the additional data of each.
enum class RowPart : std::uint8_t {
  kVersion = 1,
  kValue = 2,
  kName = 3,
  kCollection = 4,
  kPolicy = 5,
  kAudit = 6,
};

/// What a sealed part is bound to, besides its key. Members that a kind lacks are zero.
struct RowBinding {
  RowPart part{};
  std::uint32_t term = 0;
  std::array<unsigned char, 16> subject{};     ///< item or collection id
  std::uint64_t number = 0;                    ///< version; live mark; sequence number
  std::array<unsigned char, 16> collection{};  ///< of a name
  std::array<unsigned char, 32> tag{};         ///< of a name or collection
};

inline constexpr std::size_t kRowAadBytes = 16 + 16 + 1 + 4 + 16 + 8 + 16 + 32;
std::array<unsigned char, kRowAadBytes> row_aad(const VaultId& vault_id, const RowBinding& binding);

}  // namespace tacit
