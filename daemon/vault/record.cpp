#include "daemon/vault/record.h"

#include "daemon/crypto/padding.h"
#include "daemon/crypto/tag.h"
#include "daemon/vault/codec.h"
#include "tacit/reference.h"  // check_name, limits

namespace tacit {
namespace {

constexpr std::uint8_t kVersionLayout = 1;
constexpr std::uint8_t kCollectionLayout = 1;
constexpr std::uint8_t kDeletedFlag = 1;
constexpr std::uint8_t kInheritsFlag = 1;
constexpr std::size_t kVersionFixedBytes = 1 + 1 + 1 + 8 + 8 + 8 + 4 + 1 + 1;
constexpr std::size_t kCollectionFixedBytes = 1 + 1 + 16 + 2;

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Cuts the padding off, which must be exactly as long as a record's is.
bool unpad_record(SecretBytes& record) {
  const std::size_t padded_size = record.size();
  return unpad(record) && padded_size == padded_small(record.size());
}

bool is_text(std::string_view text) { return text.empty() || check_name(text, "text").ok(); }

/// Pads `size` bytes written by `write`, and wipes what lay between.
template <class Write>
SecretBytes padded(std::size_t size, Write write) {
  SecretBytes plain(size);
  FieldWriter out(plain.writable());
  write(out);
  return pad_to(plain.bytes(), padded_small(size));
}

}  // namespace

SecretBytes encode_version(const VersionRecord& record) {
  std::size_t size = kVersionFixedBytes + record.content_type.size();
  for (const auto& [key, value] : record.attributes) size += 4 + key.size() + value.size();
  return padded(size, [&](FieldWriter& out) {
    out.u8(kVersionLayout);
    out.u8(record.deleted ? kDeletedFlag : 0);
    out.u8(static_cast<std::uint8_t>(record.strictest_policy));
    out.i64(record.created);
    out.i64(record.modified);
    out.i64(record.expires);
    out.u32(record.value_size);
    out.u8(static_cast<std::uint8_t>(record.content_type.size()));
    out.raw(bytes_of(record.content_type));
    out.u8(static_cast<std::uint8_t>(record.attributes.size()));
    for (const auto& [key, value] : record.attributes) {
      out.text(key);
      out.text(value);
    }
  });
}

std::optional<VersionRecord> decode_version(SecretBytes padded_record) {
  if (!unpad_record(padded_record)) return std::nullopt;
  FieldReader in(padded_record.bytes());
  VersionRecord record;
  const std::uint8_t layout = in.u8();
  const std::uint8_t flags = in.u8();
  const std::uint8_t policy = in.u8();
  record.created = in.i64();
  record.modified = in.i64();
  record.expires = in.i64();
  record.value_size = in.u32();
  record.content_type = text_of(in.raw(in.u8()));
  const std::size_t count = in.u8();
  if (!in.ok() || layout != kVersionLayout || (flags & ~kDeletedFlag) != 0 ||
      policy > static_cast<std::uint8_t>(Policy::kDeny) || record.value_size > kMaxValueBytes ||
      !is_text(record.content_type) || count > kMaxAttributes) {
    return std::nullopt;
  }
  record.deleted = (flags & kDeletedFlag) != 0;
  record.strictest_policy = static_cast<Policy>(policy);
  for (std::size_t i = 0; i < count; ++i) {
    std::string key = text_of(in.raw(in.u16()));
    std::string value = text_of(in.raw(in.u16()));
    const bool in_order = record.attributes.empty() || record.attributes.rbegin()->first < key;
    if (!in.ok() || !in_order || key.empty() || key.size() > kMaxAttributeKeyBytes ||
        value.size() > kMaxAttributeValueBytes || !is_text(key) || !is_text(value)) {
      return std::nullopt;
    }
    record.attributes.emplace_hint(record.attributes.end(), std::move(key), std::move(value));
  }
  if (!in.done()) return std::nullopt;
  return record;
}

SecretBytes encode_collection(const CollectionRecord& record) {
  return padded(kCollectionFixedBytes + record.name.size(), [&](FieldWriter& out) {
    out.u8(kCollectionLayout);
    out.u8(record.inherits_from ? kInheritsFlag : 0);
    out.raw(record.inherits_from.value_or(CollectionId{}));
    out.text(record.name);
  });
}

std::optional<CollectionRecord> decode_collection(SecretBytes padded_record) {
  if (!unpad_record(padded_record)) return std::nullopt;
  FieldReader in(padded_record.bytes());
  const std::uint8_t layout = in.u8();
  const std::uint8_t flags = in.u8();
  CollectionId parent{};
  in.array(parent);
  CollectionRecord record;
  record.name = text_of(in.raw(in.u16()));
  if (!in.done() || layout != kCollectionLayout || (flags & ~kInheritsFlag) != 0 ||
      !check_name(record.name, "collection").ok()) {
    return std::nullopt;
  }
  if ((flags & kInheritsFlag) != 0) record.inherits_from = parent;
  return record;
}

std::optional<std::string> decode_name(SecretBytes padded_name) {
  if (!unpad_record(padded_name)) return std::nullopt;
  std::string name = text_of(padded_name.bytes());
  if (!check_name(name, "name").ok()) return std::nullopt;
  return name;
}

std::array<unsigned char, kRowAadBytes> row_aad(const VaultId& vault_id,
                                                const RowBinding& binding) {
  std::array<unsigned char, kRowAadBytes> aad{};
  FieldWriter out(aad);
  out.raw(label16("tacit-v1 row"));
  out.raw(vault_id);
  out.u8(static_cast<std::uint8_t>(binding.part));
  out.u32(binding.term);
  out.raw(binding.subject);
  out.u64(binding.number);
  out.raw(binding.collection);
  out.raw(binding.tag);
  return aad;
}

}  // namespace tacit
