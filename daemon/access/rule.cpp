#include "daemon/access/rule.h"

#include <algorithm>
#include <iterator>

#include "daemon/vault/codec.h"

namespace tacit {
namespace {

constexpr std::uint8_t kLayout = 1;
constexpr std::uint8_t kTripwireFlag = 1;
constexpr std::size_t kMaxRecordBytes = 4096;
constexpr std::size_t kFixedBytes = 2 + 2 * kRuledVerbs.size() + 1;

std::optional<std::size_t> index_of(Verb verb) {
  const auto* const found = std::ranges::find(kRuledVerbs, verb);
  if (found == kRuledVerbs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kRuledVerbs.begin());
}

bool is_path(std::string_view text) {
  return text.size() > 1 && text.front() == '/' && text.find('\0') == std::string_view::npos;
}

bool pins_any(const Rule& rule) { return std::ranges::count(rule.policies, Policy::kPinned) != 0; }

std::size_t record_size(const Rule& rule) {
  std::size_t size = kFixedBytes;
  for (const std::string& path : rule.pinned) size += 2 + path.size();
  return size;
}

/// Strictly rising, so that one set of programs has one record.
bool in_order(const std::vector<std::string>& paths) {
  return std::ranges::adjacent_find(paths, std::ranges::greater_equal()) == paths.end();
}

std::optional<Policy> policy_from(std::uint8_t byte, Policy highest) {
  if (byte > static_cast<std::uint8_t>(highest)) return std::nullopt;
  return static_cast<Policy>(byte);
}

}  // namespace

Policy Rule::policy_for(Verb verb) const {
  const auto index = index_of(verb);
  return index ? policies[*index] : Policy::kDeny;
}

void Rule::set_policy(Verb verb, Policy policy) {
  const auto index = index_of(verb);
  if (!index) return;
  policies[*index] = policy;
  beside_pinned[*index] = Policy::kOpen;
}

Policy Rule::asks_for(Verb verb) const {
  const auto index = index_of(verb);
  if (!index) return Policy::kDeny;
  return policies[*index] == Policy::kPinned ? beside_pinned[*index] : policies[*index];
}

bool Rule::loosened_by(const Rule& next) const {
  if (tripwire != next.tripwire) return true;
  for (const Verb verb : kRuledVerbs) {
    const Policy before = policy_for(verb);
    const Policy after = next.policy_for(verb);
    if (after < before) return true;
    if (after != Policy::kPinned) continue;
    // Who is on the list passes: it must have passed before, and been asked for no more.
    if (before == Policy::kPinned && !std::ranges::includes(pinned, next.pinned)) return true;
    if (!next.pinned.empty() && next.asks_for(verb) < asks_for(verb)) return true;
  }
  return false;
}

Rule rule_of(Policy policy) {
  Rule rule;
  rule.policies.fill(policy);
  return rule;
}

Rule stricter(const Rule& one, const Rule& other) {
  Rule out;
  out.tripwire = one.tripwire || other.tripwire;
  for (const Verb verb : kRuledVerbs) {
    const Policy policy = std::max(one.policy_for(verb), other.policy_for(verb));
    out.set_policy(verb, policy);
    if (policy == Policy::kPinned) {
      out.beside_pinned[*index_of(verb)] = std::max(one.asks_for(verb), other.asks_for(verb));
    }
  }
  if (pins_any(one) && pins_any(other)) {
    std::ranges::set_intersection(one.pinned, other.pinned, std::back_inserter(out.pinned));
  } else {
    out.pinned = pins_any(other) ? other.pinned : one.pinned;
  }
  return out;
}

bool fits_record(const Rule& rule) {
  return rule.pinned.size() <= kMaxPinned && in_order(rule.pinned) &&
         std::ranges::all_of(rule.pinned, is_path) && record_size(rule) <= kMaxRecordBytes;
}

SecretBytes encode_rule(const Rule& rule) {
  SecretBytes record(record_size(rule));
  FieldWriter out(record.writable());
  out.u8(kLayout);
  out.u8(rule.tripwire ? kTripwireFlag : 0);
  for (const Policy policy : rule.policies) out.u8(static_cast<std::uint8_t>(policy));
  for (const Policy policy : rule.beside_pinned) out.u8(static_cast<std::uint8_t>(policy));
  out.u8(static_cast<std::uint8_t>(rule.pinned.size()));
  for (const std::string& path : rule.pinned) out.text(path);
  return record;
}

std::optional<Rule> decode_rule(const SecretBytes& record) {
  if (record.size() > kMaxRecordBytes) return std::nullopt;
  FieldReader in(record.bytes());
  const std::uint8_t layout = in.u8();
  const std::uint8_t flags = in.u8();
  if (layout != kLayout || flags > kTripwireFlag) return std::nullopt;
  Rule rule;
  rule.tripwire = flags == kTripwireFlag;
  for (Policy& policy : rule.policies) {
    const auto read = policy_from(in.u8(), Policy::kDeny);
    if (!read) return std::nullopt;
    policy = *read;
  }
  for (std::size_t i = 0; i < rule.policies.size(); ++i) {
    const auto read = policy_from(in.u8(), Policy::kConfirm);
    if (!read || (*read != Policy::kOpen && rule.policies[i] != Policy::kPinned)) {
      return std::nullopt;
    }
    rule.beside_pinned[i] = *read;
  }
  const std::size_t count = in.u8();
  if (count > kMaxPinned) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) rule.pinned.push_back(in.text());
  if (!in.done() || !fits_record(rule)) return std::nullopt;
  return rule;
}

}  // namespace tacit
