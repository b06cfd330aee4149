// A stock gRPC server (grpc++) of the contract: what libtacit must get on with, whoever wrote it.
#pragma once
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tacit/v1/admin.grpc.pb.h"
#include "tacit/v1/secrets.grpc.pb.h"
#include "tacit/v1/session.grpc.pb.h"

namespace tacit::testing {

/// A status with `tacit-reason` in the trailers.
grpc::Status refuse(grpc::ServerContext& context, grpc::StatusCode code, const std::string& reason,
                    const std::string& message);

/// Keeps items in memory. Items with these names behave specially: `slow` is not answered before
/// the call is cancelled; `huge` lists 200 replies of 64 KiB in its history; a list of the
/// collection `dripping` is five replies, 300 ms apart. Whoever is asked for a value types `typed`;
/// for `nobody` nobody is asked.
class SecretsService final : public v1::Secrets::Service {
 public:
  using Context = grpc::ServerContext;
  grpc::Status Get(Context*, const v1::GetRequest*, v1::GetReply*) override;
  grpc::Status GetOrAsk(Context*, const v1::GetOrAskRequest*, v1::GetReply*) override;
  grpc::Status GetBatch(Context*, const v1::GetBatchRequest*,
                        grpc::ServerWriter<v1::GetBatchReply>*) override;
  grpc::Status Describe(Context*, const v1::DescribeRequest*, v1::DescribeReply*) override;
  grpc::Status Set(Context*, const v1::SetRequest*, v1::SetReply*) override;
  grpc::Status Delete(Context*, const v1::DeleteRequest*, v1::DeleteReply*) override;
  grpc::Status List(Context*, const v1::ListRequest*, grpc::ServerWriter<v1::ListReply>*) override;
  grpc::Status Search(Context*, const v1::SearchRequest*,
                      grpc::ServerWriter<v1::ListReply>*) override;
  grpc::Status ListCollections(Context*, const v1::ListCollectionsRequest*,
                               grpc::ServerWriter<v1::ListCollectionsReply>*) override;
  grpc::Status Rename(Context*, const v1::RenameRequest*, v1::RenameReply*) override;
  grpc::Status History(Context*, const v1::HistoryRequest*,
                       grpc::ServerWriter<v1::HistoryReply>*) override;
  grpc::Status Restore(Context*, const v1::RestoreRequest*, v1::RestoreReply*) override;
  grpc::Status Watch(Context*, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::WatchReply>*) override;

  /// The last request of any kind, for looking at what arrived.
  std::string last_request();

 private:
  using Place = std::pair<std::string, std::string>;
  static Place place(const v1::ItemRef& item);
  const v1::GetReply* find(const v1::ItemRef& item, std::uint64_t version);
  grpc::Status missing(Context& context, const v1::ItemRef& item);
  void note(const google::protobuf::Message& request);

  std::mutex mutex_;
  std::map<Place, std::vector<v1::GetReply>> items_;  ///< versions, oldest first
  std::string last_;
};

class SessionService final : public v1::Session::Service {
 public:
  using Context = grpc::ServerContext;
  grpc::Status Status(Context*, const v1::StatusRequest*, v1::StatusReply*) override;
  grpc::Status Create(Context*, const v1::CreateRequest*, v1::CreateReply*) override;
  grpc::Status Unlock(Context*, const v1::UnlockRequest*, v1::UnlockReply*) override;
  grpc::Status Lock(Context*, const v1::LockRequest*, v1::LockReply*) override;
  grpc::Status Watch(Context*, const v1::WatchSessionRequest*,
                     grpc::ServerWriter<v1::SessionEvent>*) override;
};

class AdminService final : public v1::Admin::Service {
 public:
  using Context = grpc::ServerContext;
  grpc::Status ListSlots(Context*, const v1::ListSlotsRequest*, v1::ListSlotsReply*) override;
  grpc::Status AddSlot(Context*, const v1::AddSlotRequest*, v1::AddSlotReply*) override;
  grpc::Status RemoveSlot(Context*, const v1::RemoveSlotRequest*, v1::RemoveSlotReply*) override;
  grpc::Status ChangePassphrase(Context*, const v1::ChangePassphraseRequest*,
                                v1::ChangePassphraseReply*) override;
  grpc::Status ConfirmRecoveryKey(Context*, const v1::ConfirmRecoveryKeyRequest*,
                                  v1::ConfirmRecoveryKeyReply*) override;
  grpc::Status Verify(Context*, const v1::VerifyRequest*,
                      grpc::ServerWriter<v1::VerifyReply>*) override;
  grpc::Status Backup(Context*, const v1::BackupRequest*,
                      grpc::ServerWriter<v1::BackupReply>*) override;
  grpc::Status AcceptRollback(Context*, const v1::AcceptRollbackRequest*,
                              v1::AcceptRollbackReply*) override;
  grpc::Status Rotate(Context*, const v1::RotateRequest*,
                      grpc::ServerWriter<v1::RotateReply>*) override;
};

/// Listens on a Unix socket while it lives.
class StockServer {
 public:
  explicit StockServer(const std::string& socket_path);
  ~StockServer();
  /// Says GOAWAY and gives running calls `grace_ms`.
  void stop(int grace_ms = 0);
  void wait() { server_->Wait(); }

  SecretsService secrets;
  SessionService session;
  AdminService admin;

 private:
  std::unique_ptr<grpc::Server> server_;
};

/// The passphrase that this server takes.
inline constexpr char kPassphrase[] = "the passphrase of a stock server";

}  // namespace tacit::testing
