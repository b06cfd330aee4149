#include "daemon/access/access.h"

namespace tacit {

void Access::authorize(const AccessRequest&, const Verdict& verdict) { verdict(absl::OkStatus()); }

}  // namespace tacit
