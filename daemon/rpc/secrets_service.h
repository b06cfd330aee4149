// tacit.v1.Secrets: reading and writing items.
#pragma once
#include "daemon/rpc/core.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/secrets.grpc.pb.h"

namespace tacit {

class SecretsService {
 public:
  SecretsService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;
  template <class Request, class Reply>
  using Stream = StreamCall<Request, Reply>;

  void get(Unary<v1::GetRequest, v1::GetReply>& call);
  void describe(Unary<v1::DescribeRequest, v1::DescribeReply>& call);
  void set(Unary<v1::SetRequest, v1::SetReply>& call);
  void remove(Unary<v1::DeleteRequest, v1::DeleteReply>& call);
  void rename(Unary<v1::RenameRequest, v1::RenameReply>& call);
  void restore(Unary<v1::RestoreRequest, v1::RestoreReply>& call);

  // secrets_apply.cpp
  void apply(Unary<v1::ApplyRequest, v1::ApplyReply>& call);

  // secrets_ask.cpp
  void get_or_ask(Unary<v1::GetOrAskRequest, v1::GetReply>& call);
  void ask_for(Unary<v1::GetOrAskRequest, v1::GetReply>& call, const ItemName& where,
               const std::shared_ptr<const Asker>& asker);
  void read_there(Unary<v1::GetOrAskRequest, v1::GetReply>& call, const ItemName& where);

  // secrets_batch.cpp
  struct Batch;
  void get_batch(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call);
  void batch_in_place(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call);
  void serve_batch(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call,
                   std::shared_ptr<Batch> batch);
  absl::Status leave_out_hidden(const AccessVerdict& verdict, Batch& batch);
  /// The next item's reply; true: that is a decoy's. An error ends the batch.
  absl::StatusOr<bool> answer_next(std::string_view method, Batch& batch, v1::GetBatchReply& reply);

  // secrets_streams.cpp
  void list(Stream<v1::ListRequest, v1::ListReply>& call);
  void search(Stream<v1::SearchRequest, v1::ListReply>& call);
  void list_collections(Stream<v1::ListCollectionsRequest, v1::ListCollectionsReply>& call);
  void history(Stream<v1::HistoryRequest, v1::HistoryReply>& call);
  void watch(Stream<v1::WatchRequest, v1::WatchReply>& call);

  static constexpr std::string_view kDecoyLocks = "a decoy was read";
  /// One value that has not expired, into `reply`. True: a decoy's, which was told, and for which
  /// the caller has to lock the vault.
  absl::StatusOr<bool> fetch(const AccessVerdict& verdict, std::string_view method,
                             const ItemName& where, std::uint64_t version, v1::GetReply& reply);
  /// The access token, if it can be used. Takes the metadata out of the item and puts it back.
  absl::Status serve_token(Item& item, bool expired, bool newest, v1::GetReply& reply);
  /// As `fetch`, and locks.
  absl::Status read(const AccessVerdict& verdict, std::string_view method, const ItemName& where,
                    std::uint64_t version, v1::GetReply& reply);
  /// With the policy that is in force for reading.
  void tell(const ItemMetadata& item, bool names_only, v1::Metadata& to) const;

  Core& core_;
  v1::Secrets::AsyncService service_;
};

}  // namespace tacit
