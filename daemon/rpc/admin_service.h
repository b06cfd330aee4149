// tacit.v1.Admin: slots, checks and copies of the vault.
#pragma once
#include <functional>
#include <memory>

#include "daemon/rpc/core.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/admin.grpc.pb.h"

namespace tacit {

class AdminService {
 public:
  AdminService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;
  template <class Request, class Reply>
  using Stream = StreamCall<Request, Reply>;

  void list_slots(Unary<v1::ListSlotsRequest, v1::ListSlotsReply>& call);
  void add_slot(Unary<v1::AddSlotRequest, v1::AddSlotReply>& call);
  void remove_slot(Unary<v1::RemoveSlotRequest, v1::RemoveSlotReply>& call);
  void change_passphrase(Unary<v1::ChangePassphraseRequest, v1::ChangePassphraseReply>& call);
  void check_credential(Unary<v1::CheckCredentialRequest, v1::CheckCredentialReply>& call);
  void confirm_recovery_key(
      Unary<v1::ConfirmRecoveryKeyRequest, v1::ConfirmRecoveryKeyReply>& call);
  void accept_rollback(Unary<v1::AcceptRollbackRequest, v1::AcceptRollbackReply>& call);

  // admin_streams.cpp
  void verify(Stream<v1::VerifyRequest, v1::VerifyReply>& call);
  void backup(Stream<v1::BackupRequest, v1::BackupReply>& call);
  void rotate(Stream<v1::RotateRequest, v1::RotateReply>& call);

  Core& core_;
  v1::Admin::AsyncService service_;
};

}  // namespace tacit
