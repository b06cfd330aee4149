// tacit.v1.Access, the part about rules: policies, grants, narrowings.
#pragma once
#include <string>

#include "daemon/rpc/access_rpc.h"
#include "daemon/rpc/core.h"

namespace tacit {

class AccessService {
 public:
  AccessService(Core& core, Server& server, AccessRpc& rpc);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;

  void set_policy(Unary<v1::SetPolicyRequest, v1::SetPolicyReply>& call);
  void get_policy(Unary<v1::GetPolicyRequest, v1::GetPolicyReply>& call);
  void explain(Unary<v1::ExplainRequest, v1::ExplainReply>& call);

  // access_grants.cpp
  void list_grants(StreamCall<v1::ListGrantsRequest, v1::ListGrantsReply>& call);
  void add_grant(Unary<v1::AddGrantRequest, v1::AddGrantReply>& call);
  void revoke_grants(Unary<v1::RevokeGrantsRequest, v1::RevokeGrantsReply>& call);
  void revoke_when_open(Unary<v1::RevokeGrantsRequest, v1::RevokeGrantsReply>& call);
  void narrow(Unary<v1::NarrowRequest, v1::NarrowReply>& call);

  absl::Status tell_policy(Unary<v1::GetPolicyRequest, v1::GetPolicyReply>& call,
                           const ItemName& where);
  void explain_to(Unary<v1::ExplainRequest, v1::ExplainReply>& call, const ItemName& where,
                  const Asker& asker);

  Core& core_;
};

}  // namespace tacit
