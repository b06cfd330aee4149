// Messages of admin.proto: requests written, replies read.
#pragma once
#include <optional>
#include <vector>

#include "client/cpp/codec/common.h"

namespace tacit::codec {

/// ListSlots, ConfirmRecoveryKey, Verify, Backup: none has a field.
MessageBuffer empty_request();
/// AcceptRollback and Rotate.
MessageBuffer authorized_request(const Credential& authorization);
/// Without `credential` a recovery key is made.
MessageBuffer add_slot_request(const Credential& authorization, const Credential* credential);
MessageBuffer check_credential_request(const Credential& authorization, std::string_view purpose);
MessageBuffer remove_slot_request(const Credential& authorization, std::uint32_t index);
MessageBuffer change_passphrase_request(const Credential& authorization,
                                        const std::optional<std::uint32_t>& index,
                                        const SecretBytes& new_passphrase);

Result<std::vector<Slot>> list_slots_reply(const SecretBytes& message);
Result<Client::NewSlot> add_slot_reply(const SecretBytes& message);
Result<VerifyProgress> verify_reply(const SecretBytes& message);
struct BackupChunk {
  SecretBytes chunk;
  std::uint64_t total_size = 0;
};
Result<BackupChunk> backup_reply(const SecretBytes& message);
struct RotateProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};
Result<RotateProgress> rotate_reply(const SecretBytes& message);

}  // namespace tacit::codec
