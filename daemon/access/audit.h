// The log of decisions: who got what, by which rule.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/access/asker.h"
#include "daemon/access/verbs.h"
#include "daemon/vault/item.h"

namespace tacit {

/// The numbers are those of proto AuditVerdict.
enum class AuditVerdict { kAllowed = 1, kDenied = 2, kEvent = 3 };

struct AuditEntry {
  std::shared_ptr<const Asker> asker;  ///< null for an event of the daemon's own
  Verb verb = Verb::kNone;
  std::string_view method;         ///< `Secrets.Get`; of static storage
  const ItemName* item = nullptr;  ///< null: no single item
  AuditVerdict verdict = AuditVerdict::kAllowed;
  std::string rule;       ///< `open`, `grant 3`, `user: once`, `agent`, `deny`
  bool each_use = false;  ///< never coalesced with others: confirm, consent, administration
  std::string event;      ///< for kEvent
};

/// Vault thread.
class Audit {
 public:
  virtual ~Audit() = default;
  /// Notes a decision. Allowed `open` and granted reads are coalesced and written within a second;
  /// all else is durable when this returns. Reads go on when it fails (the gap is counted);
  /// administration must not. Errors: as of a write to the vault.
  virtual absl::Status note(const AuditEntry& entry) = 0;
};

}  // namespace tacit
