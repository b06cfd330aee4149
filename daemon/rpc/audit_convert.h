// Who asked and what was decided, as the contract's messages.
#pragma once
#include <cstdint>

#include "daemon/access/audit_record.h"
#include "tacit/v1/access.pb.h"

namespace tacit {

void fill(std::uint64_t sequence, const AuditRecord& from, v1::AuditRecord& to);

}  // namespace tacit
