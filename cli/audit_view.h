// Records of the audit log, for people and for programs.
#pragma once
#include <string>

#include "cli/json.h"
#include "tacit/access.h"

namespace tacit::cli {

/// One line and its end: local time, verdict, verb, item, program, rule, how often. No control
/// character of what it tells reaches the terminal.
std::string audit_line(const AuditRecord& record);

/// One object and a newline.
SecretBytes audit_json(const AuditRecord& record);

}  // namespace tacit::cli
