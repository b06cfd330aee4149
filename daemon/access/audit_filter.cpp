#include "daemon/access/audit_filter.h"

#include <algorithm>

namespace tacit {
namespace {

bool ran(const AuditRecord& record, const std::string& part) {
  return record.asker && std::ranges::any_of(record.asker->chain, [&](const Program& program) {
           return program.executable.find(part) != std::string::npos ||
                  program.script.find(part) != std::string::npos;
         });
}

}  // namespace

bool AuditFilter::matches(const AuditRecord& record) const {
  if (!collection.empty() && (!record.item || record.item->collection != collection)) return false;
  if (!name.empty() && (!record.item || record.item->name != name)) return false;
  if (verdict && record.verdict != *verdict) return false;
  if (record.last_time < since) return false;
  return program.empty() || ran(record, program);
}

}  // namespace tacit
