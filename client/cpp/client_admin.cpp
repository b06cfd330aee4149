#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/admin.h"

namespace tacit {

Result<std::vector<Slot>> Client::slots() {
  return impl_->ask("/tacit.v1.Admin/ListSlots", codec::empty_request(), impl_->limits(),
                    codec::list_slots_reply);
}

Result<Client::NewSlot> Client::add_slot(const Credential& authorization,
                                         const Credential* credential) {
  if (auto good = check_credential(authorization); !good) return good.error();
  if (auto good = check_credential(credential); !good) return good.error();
  return impl_->ask("/tacit.v1.Admin/AddSlot", codec::add_slot_request(authorization, credential),
                    impl_->slow_limits(), codec::add_slot_reply);
}

Result<void> Client::remove_slot(const Credential& authorization, std::uint32_t index) {
  if (auto good = check_credential(authorization); !good) return good;
  return impl_->tell("/tacit.v1.Admin/RemoveSlot", codec::remove_slot_request(authorization, index),
                     impl_->slow_limits());
}

Result<void> Client::change_passphrase(const Credential& authorization,
                                       std::optional<std::uint32_t> index,
                                       const SecretBytes& new_passphrase) {
  if (auto good = check_credential(authorization); !good) return good;
  if (auto good = check_passphrase(new_passphrase); !good) return good;
  return impl_->tell("/tacit.v1.Admin/ChangePassphrase",
                     codec::change_passphrase_request(authorization, index, new_passphrase),
                     impl_->slow_limits());
}

Result<void> Client::confirm_credential(const Credential& authorization, std::string_view purpose) {
  if (auto good = check_credential(authorization); !good) return good;
  return impl_->tell("/tacit.v1.Admin/CheckCredential",
                     codec::check_credential_request(authorization, purpose), impl_->slow_limits());
}

Result<void> Client::confirm_recovery_key() {
  return impl_->tell("/tacit.v1.Admin/ConfirmRecoveryKey", codec::empty_request(), impl_->limits());
}

Result<void> Client::verify(const std::function<void(const VerifyProgress&)>& on_progress) {
  return impl_->follow("/tacit.v1.Admin/Verify", codec::empty_request(), Impl::progress_limits(),
                       codec::verify_reply, [&](const VerifyProgress& progress) {
                         if (on_progress) on_progress(progress);
                         return true;
                       });
}

Result<void> Client::backup(
    const std::function<bool(std::span<const unsigned char>, std::uint64_t total)>& on_chunk) {
  std::uint64_t total = 0;
  std::uint64_t received = 0;
  bool given_up = false;
  const auto done =
      impl_->follow("/tacit.v1.Admin/Backup", codec::empty_request(), Impl::progress_limits(),
                    codec::backup_reply, [&](const codec::BackupChunk& part) {
                      if (part.total_size != 0) total = part.total_size;
                      received += part.chunk.size();
                      given_up = !on_chunk(part.chunk.bytes(), total);
                      return !given_up;
                    });
  if (!done || given_up) return done;
  if (received == total) return {};
  return Error{Reason::kProtocol, "the copy has " + std::to_string(received) + " of " +
                                      std::to_string(total) + " bytes; do not use it"};
}

Result<void> Client::accept_rollback(const Credential& authorization) {
  return impl_->tell("/tacit.v1.Admin/AcceptRollback", codec::authorized_request(authorization),
                     impl_->slow_limits());
}

Result<void> Client::rotate(
    const Credential& authorization,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& on_progress) {
  return impl_->follow("/tacit.v1.Admin/Rotate", codec::authorized_request(authorization),
                       Impl::progress_limits(), codec::rotate_reply,
                       [&](const codec::RotateProgress& progress) {
                         if (on_progress) on_progress(progress.done, progress.total);
                         return true;
                       });
}

}  // namespace tacit
