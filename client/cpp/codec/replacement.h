// Messages of replacement.proto: requests written, replies read.
#pragma once
#include <optional>
#include <vector>

#include "client/cpp/codec/common.h"

namespace tacit::codec {

MessageBuffer replace_keys_request(const Credential& authorization,
                                   std::span<const Credential> credentials, bool with_recovery_key,
                                   std::optional<std::uint32_t> removed_slot);
MessageBuffer upload_request(std::uint64_t offset, const SecretBytes& part);
/// `current`: null for none.
MessageBuffer restore_backup_request(const Credential& credential, const Credential* current);
MessageBuffer remove_old_file_request(const Credential& authorization, std::string_view name);

/// Of ReplaceKeys and RestoreBackup.
struct ReplacementStep {
  std::uint64_t rows_done = 0;
  std::uint64_t rows_total = 0;
  SecretBytes recovery_key;
};
Result<ReplacementStep> replacement_step(const SecretBytes& message);
Result<std::uint64_t> upload_reply(const SecretBytes& message);
struct SalvageStep {
  std::uint64_t rows_done = 0;
  std::uint64_t rows_total = 0;
  std::optional<SalvageLoss> loss;
  std::optional<SalvageSummary> summary;
};
Result<SalvageStep> salvage_reply(const SecretBytes& message);
Result<std::vector<OldFile>> list_old_files_reply(const SecretBytes& message);

}  // namespace tacit::codec
