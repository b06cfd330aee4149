// Another vault file in the place of the present one.
#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/admin.h"
#include "client/cpp/codec/replacement.h"

namespace tacit {

Result<SecretBytes> Client::replace_keys(const Credential& authorization,
                                         std::span<const Credential> credentials,
                                         bool with_recovery_key,
                                         std::optional<std::uint32_t> removed_slot,
                                         const RowsProgress& on_progress) {
  if (auto good = check_credential(authorization); !good) return good.error();
  for (const Credential& each : credentials) {
    if (auto good = check_credential(each); !good) return good.error();
  }
  SecretBytes recovery_key;
  const auto done = impl_->follow(
      "/tacit.v1.Replacement/ReplaceKeys",
      codec::replace_keys_request(authorization, credentials, with_recovery_key, removed_slot),
      Impl::progress_limits(), codec::replacement_step, [&](codec::ReplacementStep step) {
        if (on_progress) on_progress(step.rows_done, step.rows_total);
        if (!step.recovery_key.empty()) recovery_key = std::move(step.recovery_key);
        return true;
      });
  if (!done) return done.error();
  return recovery_key;
}

Result<std::uint64_t> Client::upload_backup(const std::function<Result<SecretBytes>()>& next) {
  for (std::uint64_t size = 0;;) {
    const auto part = next();
    if (!part) return part.error();
    if (part->empty()) return size;
    const auto there =
        impl_->ask("/tacit.v1.Replacement/Upload", codec::upload_request(size, *part),
                   impl_->slow_limits(), codec::upload_reply);
    if (!there) return there.error();
    size += part->size();
    if (*there == size) continue;
    return Error{Reason::kProtocol, "the daemon has " + std::to_string(*there) + " of " +
                                        std::to_string(size) + " bytes of the backup; try again"};
  }
}

Result<void> Client::restore_backup(const Credential& credential, const Credential* current,
                                    const RowsProgress& on_progress) {
  if (auto good = check_credential(credential); !good) return good;
  if (auto good = check_credential(current); !good) return good;
  return impl_->follow("/tacit.v1.Replacement/RestoreBackup",
                       codec::restore_backup_request(credential, current), Impl::progress_limits(),
                       codec::replacement_step, [&](const codec::ReplacementStep& step) {
                         if (on_progress) on_progress(step.rows_done, step.rows_total);
                         return true;
                       });
}

Result<SalvageSummary> Client::salvage(const Credential& credential,
                                       const RowsProgress& on_progress,
                                       const std::function<void(const SalvageLoss&)>& on_loss) {
  if (auto good = check_credential(credential); !good) return good.error();
  std::optional<SalvageSummary> summary;
  const auto done = impl_->follow("/tacit.v1.Replacement/Salvage",
                                  codec::authorized_request(credential), Impl::progress_limits(),
                                  codec::salvage_reply, [&](const codec::SalvageStep& step) {
                                    if (on_progress) on_progress(step.rows_done, step.rows_total);
                                    if (step.loss && on_loss) on_loss(*step.loss);
                                    if (step.summary) summary = *step.summary;
                                    return true;
                                  });
  if (!done) return done.error();
  if (!summary) return Error{Reason::kProtocol, "the daemon did not say what was kept"};
  return *summary;
}

Result<std::vector<OldFile>> Client::old_files() {
  return impl_->ask("/tacit.v1.Replacement/ListOldFiles", codec::empty_request(), impl_->limits(),
                    codec::list_old_files_reply);
}

Result<void> Client::remove_old_file(const Credential& authorization, std::string_view name) {
  if (auto good = check_credential(authorization); !good) return good;
  return impl_->tell("/tacit.v1.Replacement/RemoveOldFile",
                     codec::remove_old_file_request(authorization, name), impl_->slow_limits());
}

}  // namespace tacit
