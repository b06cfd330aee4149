// The log of decisions: who got what, by which rule.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/access/asker.h"
#include "daemon/access/verbs.h"
#include "daemon/vault/item.h"

namespace tacit {

/// What a call is about to change that is no item: administration, collections, projects.
struct AdminChange {
  std::vector<ItemName> subjects{};  ///< without a name: a collection as such; each has a record
  std::string change{};              ///< as in AuditEntry; empty: the method says it all
  Verb verb = Verb::kAdmin;          ///< as which it was let in
};

/// The numbers are those of proto AuditVerdict.
enum class AuditVerdict { kAllowed = 1, kDenied = 2, kEvent = 3 };

struct AuditEntry {
  std::shared_ptr<const Asker> asker;  ///< null for an event of the daemon's own
  Verb verb = Verb::kNone;
  std::string_view method;         ///< `Secrets.Get`; of static storage
  const ItemName* item = nullptr;  ///< without a name: a collection as such; null: no single item
  AuditVerdict verdict = AuditVerdict::kAllowed;
  std::string rule;       ///< `open`, `grant 3`, `user: once`, `agent`, `deny`
  bool each_use = false;  ///< never coalesced with others: confirm, consent, administration
  std::string event;      ///< for kEvent
  std::string change;     ///< of an AdminChange: `read: ask -> open`; never a value
};

/// Vault thread.
class Audit {
 public:
  virtual ~Audit() = default;
  /// Notes a decision. What was allowed without `each_use` and is no administration is coalesced
  /// and written within a second; all else is durable when this returns. While the vault is locked
  /// it is kept without its item until the next unlock. Reads go on when it fails (what is lost is
  /// counted); administration must not. Errors: as of a write to the vault, but none of a vault
  /// that is read-only: what is left of administration there, accepting a rollback for one, goes
  /// on.
  virtual absl::Status note(const AuditEntry& entry) = 0;
};

}  // namespace tacit
