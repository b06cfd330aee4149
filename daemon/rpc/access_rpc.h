// tacit.v1.Access as gRPC sees it: one service, served by several classes, each its share.
#pragma once
#include "daemon/rpc/server.h"
#include "tacit/v1/access.grpc.pb.h"

namespace tacit {

/// Made before the classes that add methods to `service`, and outlives them.
struct AccessRpc {
  explicit AccessRpc(Server& server) { server.add_service(service); }
  v1::Access::AsyncService service;
};

}  // namespace tacit
