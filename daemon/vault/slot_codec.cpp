#include "daemon/vault/slot_codec.h"

#include "daemon/vault/codec.h"

namespace tacit {
namespace {

void write_parameters(FieldWriter& out, const Slot& slot) {
  out.u8(static_cast<std::uint8_t>(slot.kind));
  out.i64(slot.created);
  out.raw(slot.kdf.salt);
  out.u64(slot.kdf.memory_bytes);
  out.u32(slot.kdf.passes);
  out.raw(slot.commitment);
}

}  // namespace

std::array<unsigned char, kSlotBodyBytes> encode_slot(const Slot& slot) {
  std::array<unsigned char, kSlotBodyBytes> body{};
  FieldWriter out(body);
  write_parameters(out, slot);
  out.raw(slot.nonce);
  out.raw(slot.wrapped);
  return body;
}

std::optional<Slot> decode_slot(std::uint32_t index, Bytes body) {
  FieldReader in(body);
  Slot slot;
  slot.index = index;
  const std::uint8_t kind = in.u8();
  slot.created = in.i64();
  in.array(slot.kdf.salt);
  slot.kdf.memory_bytes = in.u64();
  slot.kdf.passes = in.u32();
  in.array(slot.commitment);
  in.array(slot.nonce);
  in.array(slot.wrapped);
  if (!in.done() || index >= kMaxSlots || kind < 1 || kind > 3) return std::nullopt;
  slot.kind = static_cast<SlotKind>(kind);
  return slot;
}

std::array<unsigned char, kSlotAadBytes> slot_aad(const Slot& slot, const VaultId& vault_id) {
  std::array<unsigned char, kSlotAadBytes> aad{};
  FieldWriter out(aad);
  out.raw(label16("tacit-v1 slot"));
  out.raw(vault_id);
  write_parameters(out, slot);
  return aad;
}

}  // namespace tacit
