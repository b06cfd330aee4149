// A slot as bytes: the row in the file and what its wrap is bound to (FORMAT.md, "Slots").
#pragma once
#include <array>
#include <optional>

#include "daemon/vault/slot.h"

namespace tacit {

inline constexpr std::size_t kSlotBodyBytes = 1 + 8 + 16 + 8 + 4 + 32 + 24 + 48;
inline constexpr std::size_t kSlotAadBytes = 16 + 16 + 1 + 8 + 16 + 8 + 4 + 32;
inline constexpr std::size_t kMaxSlots = 16;

std::array<unsigned char, kSlotBodyBytes> encode_slot(const Slot& slot);
/// Strict: nothing for a wrong length or an unknown kind. Costs are checked when used.
std::optional<Slot> decode_slot(std::uint32_t index, Bytes body);
/// Every parameter but the index, which the header's MAC binds.
std::array<unsigned char, kSlotAadBytes> slot_aad(const Slot& slot, const VaultId& vault_id);

}  // namespace tacit
