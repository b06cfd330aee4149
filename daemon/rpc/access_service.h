// tacit.v1.Access, the part about rules: policies, grants, narrowings.
#pragma once
#include "daemon/rpc/access_rpc.h"
#include "daemon/rpc/core.h"

namespace tacit {

class AccessService {
 public:
  AccessService(Core& core, Server& server, AccessRpc& rpc);

 private:
  Core& core_;
};

}  // namespace tacit
