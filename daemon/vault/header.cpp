#include "daemon/vault/header.h"

#include "daemon/vault/codec.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/slot_codec.h"

namespace tacit {
namespace {

constexpr std::array<unsigned char, 8> kMagic{'T', 'A', 'C', 'I', 'T', 'V', 'L', 'T'};
constexpr std::uint32_t kRecoveryUnconfirmedFlag = 1;
constexpr std::size_t kRingEntryBytes = 4 + KeyBytes::kSize;

std::array<unsigned char, 32> ring_aad(const VaultId& vault_id) {
  std::array<unsigned char, 32> aad{};
  FieldWriter out(aad);
  out.raw(label16("tacit-v1 ring"));
  out.raw(vault_id);
  return aad;
}

}  // namespace

std::array<unsigned char, kHeaderBodyBytes> encode_header(const Header& header) {
  std::array<unsigned char, kHeaderBodyBytes> body{};
  FieldWriter out(body);
  out.raw(kMagic);
  out.u16(header.format);
  out.u16(header.least_reader);
  out.raw(header.vault_id);
  out.i64(header.created);
  out.u32(header.recovery_key_unconfirmed ? kRecoveryUnconfirmedFlag : 0);
  return body;
}

std::optional<Header> decode_header(Bytes body) {
  FieldReader in(body);
  std::array<unsigned char, 8> magic{};
  Header header;
  in.array(magic);
  header.format = in.u16();
  header.least_reader = in.u16();
  in.array(header.vault_id);
  header.created = in.i64();
  const std::uint32_t flags = in.u32();
  if (!in.done() || magic != kMagic || (flags & ~kRecoveryUnconfirmedFlag) != 0) {
    return std::nullopt;
  }
  header.recovery_key_unconfirmed = (flags & kRecoveryUnconfirmedFlag) != 0;
  return header;
}

const KeyBytes* KeyRing::find(std::uint32_t term) const {
  for (const Entry& entry : entries) {
    if (entry.term == term) return &entry.key;
  }
  return nullptr;
}

std::vector<unsigned char> seal_ring(const KeyRing& ring, const KeyBytes& ring_key,
                                     const VaultId& vault_id) {
  SecretBytes plain(1 + ring.entries.size() * kRingEntryBytes);
  FieldWriter out(plain.writable());
  out.u8(static_cast<std::uint8_t>(ring.entries.size()));
  for (const KeyRing::Entry& entry : ring.entries) {
    out.u32(entry.term);
    out.raw(entry.key.bytes());
  }
  return seal_box(ring_key, ring_aad(vault_id), plain.bytes());
}

std::optional<KeyRing> open_ring(Bytes sealed, const KeyBytes& ring_key, const VaultId& vault_id) {
  std::optional<SecretBytes> plain = open_box(ring_key, ring_aad(vault_id), sealed);
  if (!plain) return std::nullopt;
  FieldReader in(plain->bytes());
  const std::size_t count = in.u8();
  if (count < 1 || count > kMaxTerms || in.left() != count * kRingEntryBytes) return std::nullopt;
  KeyRing ring;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t term = in.u32();
    const Bytes key = in.raw(KeyBytes::kSize);
    if (term == 0 || (!ring.entries.empty() && term <= ring.newest().term)) return std::nullopt;
    ring.entries.push_back({term, KeyBytes::copy_of(key.first<KeyBytes::kSize>())});
  }
  return ring;
}

Tag header_mac(const KeyBytes& header_key, std::uint32_t application_id, std::uint32_t user_version,
               Bytes body, Bytes sealed_ring, std::span<const Slot> slots) {
  std::array<unsigned char, 8> numbers{};
  FieldWriter out(numbers);
  out.u32(application_id);
  out.u32(user_version);
  std::vector<std::array<unsigned char, 4 + kSlotBodyBytes>> rows(slots.size());
  std::vector<Bytes> inputs{numbers, body, sealed_ring};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    FieldWriter row(rows[i]);
    row.u32(slots[i].index);
    row.raw(encode_slot(slots[i]));
    inputs.push_back(rows[i]);
  }
  return keyed_tag(header_key, inputs);
}

}  // namespace tacit
