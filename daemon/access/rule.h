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
  /// Where the policy is kPinned: what the listed programs meet beside it (kOpen, kAsk or
  /// kConfirm), left by a stricter merge.
  std::array<Policy, kRuledVerbs.size()> beside_pinned{};
  std::vector<std::string> pinned;  ///< absolute paths, sorted, each once; for Policy::kPinned
  bool tripwire = false;            ///< a decoy; items only

  /// kDeny for a verb that no rule speaks of.
  Policy policy_for(Verb verb) const;
  void set_policy(Verb verb, Policy policy);
  /// What a program that passed the list meets: the policy itself where nothing is pinned.
  Policy asks_for(Verb verb) const;
  /// True if something is more open after `next` than it was under this: a lower policy, another
  /// program on the list, programs listed that were asked for before. A decoy that is made or
  /// unmade counts, since it is given to whoever reads it.
  bool loosened_by(const Rule& next) const;
  bool operator==(const Rule&) const = default;
};

/// The same policy for every verb, none pinned.
Rule rule_of(Policy policy);

/// The stricter of each policy; pinned by both lists where both pin.
Rule stricter(const Rule& one, const Rule& other);

/// Whether this may be a rule: absolute paths in order, at most kMaxPinned, and no more than a
/// policy record holds.
bool fits_record(const Rule& rule);

/// As stored (FORMAT.md, policy records). `rule` fits. Decoding is exact: anything else is none.
SecretBytes encode_rule(const Rule& rule);
std::optional<Rule> decode_rule(const SecretBytes& record);

}  // namespace tacit
