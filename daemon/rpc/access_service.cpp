#include "daemon/rpc/access_service.h"

namespace tacit {

AccessService::AccessService(Core& core, Server&, AccessRpc&) : core_(core) {}

}  // namespace tacit
