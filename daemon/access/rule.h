// How a collection or an item is guarded: what the vault keeps for it as its policy record.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "daemon/access/verbs.h"
#include "daemon/vault/item.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// Verbs that a rule speaks of. Administration is guarded by credential, not by rule.
inline constexpr std::array kRuledVerbs = {Verb::kList, Verb::kRead, Verb::kWrite};
inline constexpr std::size_t kMaxPinned = 32;

struct Rule {
  /// One for each of kRuledVerbs.
  std::array<Policy, kRuledVerbs.size()> policies{};
  std::vector<std::string> pinned;  ///< absolute paths; for Policy::kPinned
  bool tripwire = false;            ///< a decoy; items only

  Policy policy_for(Verb verb) const;
  /// True if something is more open after `next` than it was under this.
  bool loosened_by(const Rule& next) const;
  bool operator==(const Rule&) const = default;
};

/// The stricter of each policy; pinned by both lists where both pin.
Rule stricter(const Rule& one, const Rule& other);

/// As stored (FORMAT.md, policy records). Decoding is exact: anything else is none.
SecretBytes encode_rule(const Rule& rule);
std::optional<Rule> decode_rule(const SecretBytes& record);

}  // namespace tacit
