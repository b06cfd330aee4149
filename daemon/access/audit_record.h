// One record of the audit log, as it is sealed in the vault (FORMAT.md, "Audit record").
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/access/asker.h"
#include "daemon/access/audit.h"
#include "daemon/vault/item.h"
#include "tacit/secret_bytes.h"

namespace tacit {

// Bounds on what a record tells, so that no program fills the log by its name or its parents.
inline constexpr std::size_t kMaxAuditText = 1024;
inline constexpr std::size_t kMaxAuditPrograms = 8;

/// Every text is UTF-8 without NUL, at most kMaxAuditText bytes; it may hold control characters.
struct AuditRecord {
  UnixMillis time = 0;       ///< of the first of the equal decisions
  UnixMillis last_time = 0;  ///< of the last
  std::uint64_t count = 1;   ///< equal decisions that this tells of; at least 1
  std::uint64_t lost = 0;    ///< decisions that were not recorded before this one
  AuditVerdict verdict = AuditVerdict::kAllowed;
  Verb verb = Verb::kNone;
  std::string method;
  std::string rule;
  std::string event;
  std::string change;                        ///< what administration changed
  std::optional<ItemName> item;              ///< without a name: a collection as such
  std::array<unsigned char, 32> item_tag{};  ///< of `item` under the vault's key; zero without it
  /// Null: the daemon itself. At most kMaxAuditPrograms programs, without their files' ids and the
  /// session that grants are bound to.
  std::shared_ptr<const Asker> asker;
};

/// `record`'s bounds must hold: see `audit_text` and `audit_asker`.
SecretBytes encode_audit_record(const AuditRecord& record);
/// Exact: encodes to the same bytes again. Anything else is none.
std::optional<AuditRecord> decode_audit_record(const SecretBytes& body);

/// The text within the bounds: malformed bytes and NUL become `?`, what is too long is cut between
/// characters.
std::string audit_text(std::string_view text);
/// The asker within the bounds: from the connected process upwards, and always the one that asks.
std::shared_ptr<const Asker> audit_asker(const Asker& asker);

}  // namespace tacit
