// What a vault holds: items, their versions, and the limits on both.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tacit/secret_bytes.h"

namespace tacit {

/// Random 128 bits, given at creation, kept through rename and restore.
using ItemId = std::array<unsigned char, 16>;
using CollectionId = std::array<unsigned char, 16>;
using UnixMillis = std::int64_t;
using Attributes = std::map<std::string, std::string>;

inline constexpr std::size_t kMaxAttributes = 64;
inline constexpr std::size_t kMaxAttributeKeyBytes = 256;
inline constexpr std::size_t kMaxAttributeValueBytes = 1024;
inline constexpr std::size_t kMaxContentTypeBytes = 255;
inline constexpr std::size_t kHistoryVersions = 10;

/// Increasing strictness; the numbers are those of proto Policy and of the disk.
enum class Policy : std::uint8_t { kOpen = 0, kAsk = 1, kConfirm = 2, kPinned = 3, kDeny = 4 };

/// Where an item is found. Both UTF-8 without NUL, 1 to 1,024 bytes.
struct ItemName {
  std::string collection;
  std::string name;
};

struct ItemMetadata {
  ItemId id{};
  CollectionId collection_id{};
  ItemName where;
  std::uint64_t version = 0;  ///< from 1, never restarts
  Attributes attributes;
  std::string content_type;
  UnixMillis created = 0;
  UnixMillis modified = 0;
  UnixMillis expires = 0;  ///< 0: never
  Policy policy = Policy::kOpen;
  std::uint64_t value_size = 0;
  bool deleted = false;
};

struct Item {
  ItemMetadata metadata;
  SecretBytes value;
};

/// Members left empty keep what the newest version has.
struct ItemChange {
  std::optional<SecretBytes> value;  ///< absent needs an existing item
  std::optional<Attributes> attributes;
  std::optional<std::string> content_type;
  std::optional<UnixMillis> expires;              ///< absent with a value: never
  std::optional<std::uint64_t> expected_version;  ///< 0: must not exist
};

}  // namespace tacit
