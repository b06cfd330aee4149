// Slots and the recovery key's confirmation.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/vault_core.h"

namespace tacit {

const std::vector<Slot>& Vault::slots() const { return core_->locked.slots; }
const VaultId& Vault::vault_id() const { return core_->vault_id; }
KeyBytes Vault::root() const { return core_->root.clone(); }
bool Vault::recovery_key_unconfirmed() const {
  return core_->locked.header.recovery_key_unconfirmed;
}

absl::StatusOr<std::uint32_t> Vault::add_slot(Slot slot) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  std::vector<Slot> slots = core_->locked.slots;
  if (slots.size() >= kMaxSlots) {
    return make_error(Reason::kLimit, "a vault has at most 16 slots; remove one first");
  }
  slot.index = 0;
  while (std::any_of(slots.begin(), slots.end(),
                     [&](const Slot& other) { return other.index == slot.index; })) {
    ++slot.index;
  }
  slots.insert(std::upper_bound(slots.begin(), slots.end(), slot,
                                [](const Slot& a, const Slot& b) { return a.index < b.index; }),
               slot);
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.insert_slot(slot);
  if (status.ok()) status = write.write_header(core_->locked.header, core_->ring, slots);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  core_->locked.slots = std::move(slots);
  return slot.index;
}

absl::Status Vault::replace_slot(std::uint32_t index, Slot slot) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  std::vector<Slot> slots = core_->locked.slots;
  const auto place = std::find_if(slots.begin(), slots.end(),
                                  [&](const Slot& other) { return other.index == index; });
  if (place == slots.end()) {
    return make_error(Reason::kNotFound, "there is no slot " + std::to_string(index));
  }
  slot.index = index;
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.erase_slot(*place);
  if (status.ok()) status = write.insert_slot(slot);
  *place = slot;
  if (status.ok()) status = write.write_header(core_->locked.header, core_->ring, slots);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  core_->locked.slots = std::move(slots);
  return absl::OkStatus();
}

absl::Status Vault::remove_slot(std::uint32_t index) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  std::vector<Slot> slots = core_->locked.slots;
  const auto place = std::find_if(slots.begin(), slots.end(),
                                  [&](const Slot& other) { return other.index == index; });
  if (place == slots.end()) {
    return make_error(Reason::kNotFound, "there is no slot " + std::to_string(index));
  }
  if (slots.size() == 1) {
    return make_error(Reason::kLastSlot,
                      "this is the last slot; without it nothing would open the vault");
  }
  const Slot removed = *place;
  slots.erase(place);
  Header header = core_->locked.header;
  if (std::none_of(slots.begin(), slots.end(),
                   [](const Slot& slot) { return slot.kind == SlotKind::kRecoveryKey; })) {
    header.recovery_key_unconfirmed = false;
  }
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.erase_slot(removed);
  if (status.ok()) status = write.write_header(header, core_->ring, slots);
  if (status.ok()) status = write.commit();
  if (!status.ok()) return status;
  core_->locked.slots = std::move(slots);
  return absl::OkStatus();
}

absl::Status Vault::confirm_recovery_key() {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (!recovery_key_unconfirmed()) return absl::OkStatus();
  Header header = core_->locked.header;
  header.recovery_key_unconfirmed = false;
  Change write(*core_);
  absl::Status status = write.begin();
  if (status.ok()) status = write.write_header(header, core_->ring, core_->locked.slots);
  if (status.ok()) status = write.commit();
  return status;
}

}  // namespace tacit
