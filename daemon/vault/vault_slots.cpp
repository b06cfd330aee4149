// Slots, the recovery key's confirmation and the audit chain.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/crypto/padding.h"
#include "daemon/vault/change.h"
#include "daemon/vault/codec.h"
#include "daemon/vault/sealed.h"
#include "daemon/vault/slot_codec.h"
#include "daemon/vault/vault_core.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxAuditRecordBytes = 64 * 1024;

constexpr std::size_t kAuditAtOnce = 1024;

Digest audit_link(const KeyBytes& audit_key, const Digest& before, std::uint64_t sequence,
                  Bytes sealed) {
  std::array<unsigned char, 8> number{};
  FieldWriter(number).u64(sequence);
  return keyed_tag(audit_key, {before, number, sealed});
}

std::array<unsigned char, kRowAadBytes> audit_aad(const VaultId& vault_id, std::uint64_t sequence) {
  return row_aad(vault_id, {.part = RowPart::kAudit, .number = sequence});
}

absl::Status audit_damaged(std::uint64_t sequence) {
  return damaged("the audit log was changed at record " + std::to_string(sequence));
}

}  // namespace

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

absl::Status Vault::append_audit(std::span<const SecretBytes> bodies) {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  if (bodies.empty()) return absl::OkStatus();
  Change write(*core_);
  absl::Status status = write.begin();
  AuditChain& chain = write.state().audit;
  for (const SecretBytes& body : bodies) {
    if (!status.ok()) return status;
    if (body.size() > kMaxAuditRecordBytes) {
      return make_error(Reason::kInvalidArgument, "an audit record has at most 64 KiB");
    }
    const SecretBytes plain = pad_to(body.bytes(), padded_small(body.size()));
    const std::vector<unsigned char> sealed =
        seal_box(core_->log_key, audit_aad(core_->vault_id, chain.next), plain.bytes());
    status = core_->store.append_audit(chain.next, sealed);
    chain.head = audit_link(core_->audit_key, chain.head, chain.next, sealed);
    ++chain.next;
  }
  if (status.ok()) status = write.commit();
  return status;
}

absl::StatusOr<std::vector<Vault::AuditRecord>> Vault::read_audit(std::uint64_t from,
                                                                  std::size_t limit) {
  std::vector<AuditRecord> out;
  const AuditChain& chain = core_->state.audit;
  std::uint64_t expected = std::max(from, chain.first);
  StatementUse use(core_->store.sql.audit_after);
  use->bind(1, static_cast<std::int64_t>(expected - 1))
      .bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, 1 << 20)));
  while (expected < chain.next && out.size() < limit) {
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) return audit_damaged(expected);
    const std::int64_t sequence = use->integer(0);
    const Bytes sealed = use->blob(1);
    if (!use->well_typed() || sequence != static_cast<std::int64_t>(expected)) {
      return audit_damaged(expected);
    }
    std::optional<SecretBytes> body =
        open_box(core_->log_key, audit_aad(core_->vault_id, expected), sealed);
    if (!body || !unpad(*body)) return audit_damaged(expected);
    out.push_back({expected, *std::move(body)});
    ++expected;
  }
  return out;
}

std::uint64_t Vault::next_audit_sequence() const { return core_->state.audit.next; }

absl::StatusOr<bool> Vault::Core::walk_audit(std::uint64_t& next, Digest& link,
                                             std::size_t limit) const {
  const AuditChain& chain = state.audit;
  // From before the first at the start, so that what was put in front shows too.
  const std::uint64_t after = next < chain.first ? 0 : next - 1;
  if (next < chain.first) {
    next = chain.first;
    link = chain.base;
  }
  StatementUse use(store.sql.audit_after);
  use->bind(1, static_cast<std::int64_t>(after)).bind(2, static_cast<std::int64_t>(limit));
  for (std::size_t count = 0; count < limit; ++count) {
    const absl::StatusOr<bool> found = use->step();
    if (!found.ok()) return found.status();
    if (!*found) {
      if (next != chain.next || !same_bytes(link, chain.head)) return audit_damaged(next);
      return true;
    }
    const std::int64_t sequence = use->integer(0);
    const Bytes sealed = use->blob(1);
    if (!use->well_typed() || sequence != static_cast<std::int64_t>(next) || next >= chain.next ||
        !open_box(log_key, audit_aad(vault_id, next), sealed)) {
      return audit_damaged(next);
    }
    link = audit_link(audit_key, link, next, sealed);
    ++next;
  }
  return false;
}

absl::Status Vault::verify_audit() {
  std::uint64_t next = 0;
  Digest link{};
  for (;;) {
    const absl::StatusOr<bool> all = core_->walk_audit(next, link, kAuditAtOnce);
    if (!all.ok()) return all.status();
    if (*all) return absl::OkStatus();
  }
}

}  // namespace tacit
