// tacit.v1.Collections: collections as things of their own.
#pragma once
#include <string>

#include "daemon/rpc/core.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/collections.grpc.pb.h"

namespace tacit {

class CollectionsService {
 public:
  CollectionsService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;

  void create(Unary<v1::CreateCollectionRequest, v1::CreateCollectionReply>& call);
  void rename(Unary<v1::RenameCollectionRequest, v1::RenameCollectionReply>& call);
  void remove(Unary<v1::DeleteCollectionRequest, v1::DeleteCollectionReply>& call);
  void list(StreamCall<v1::CollectionsRequest, v1::CollectionsReply>& call);
  void inherit(Unary<v1::InheritRequest, v1::InheritReply>& call);

  /// `checked`: the call's credential was right.
  absl::Status remove_from(Vault& vault, const std::string& name, bool checked,
                           Unary<v1::DeleteCollectionRequest, v1::DeleteCollectionReply>& call);

  Core& core_;
  v1::Collections::AsyncService service_;
};

}  // namespace tacit
