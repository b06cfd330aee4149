// Which records of the audit log somebody wants to see.
#pragma once
#include <optional>
#include <string>

#include "daemon/access/audit_record.h"

namespace tacit {

/// Empty members do not filter.
struct AuditFilter {
  std::string collection;  ///< exact
  std::string name;        ///< exact
  std::string program;     ///< part of the path of an executable or script of the chain
  std::optional<AuditVerdict> verdict;
  UnixMillis since = 0;  ///< the last of the record's decisions is not older

  bool matches(const AuditRecord& record) const;
};

}  // namespace tacit
