// tacit.v1.Session: the state of the vault, creating, unlocking, locking.
#pragma once
#include "daemon/rpc/core.h"
#include "daemon/rpc/server.h"
#include "tacit/v1/session.grpc.pb.h"

namespace tacit {

class SessionService {
 public:
  SessionService(Core& core, Server& server);

 private:
  template <class Request, class Reply>
  using Unary = UnaryCall<Request, Reply>;

  void status(Unary<v1::StatusRequest, v1::StatusReply>& call);
  void create(Unary<v1::CreateRequest, v1::CreateReply>& call);
  void unlock(Unary<v1::UnlockRequest, v1::UnlockReply>& call);
  void lock(Unary<v1::LockRequest, v1::LockReply>& call);
  void watch(StreamCall<v1::WatchSessionRequest, v1::SessionEvent>& call);

  Core& core_;
  v1::Session::AsyncService service_;
};

}  // namespace tacit
