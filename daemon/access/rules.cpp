#include "daemon/access/rules.h"

#include <algorithm>
#include <limits>

#include "daemon/base/status.h"

namespace tacit {
namespace {

std::optional<Rule> unless_open(Rule rule) {
  if (rule == Rule()) return std::nullopt;
  return rule;
}

absl::Status too_long() {
  return make_error(Reason::kLimit,
                    "the list of pinned programs is too long for a policy; list fewer of them");
}

}  // namespace

std::string_view source_name(Guard::Source source) noexcept {
  switch (source) {
    case Guard::Source::kDefault:
      return "default";
    case Guard::Source::kCollection:
      return "collection";
    case Guard::Source::kItem:
      return "item";
    case Guard::Source::kVersion:
      return "version";
  }
  return "default";
}

void Guard::add(Source source, const Rule* rule) {
  if (rule != nullptr) parts_[size_++] = {source, rule};
}

Guard::Strictest Guard::policy(Verb verb) const {
  Strictest out;
  for (const Part& part : parts()) {
    const Policy policy = part.rule->policy_for(verb);
    if (policy > out.policy) out = {policy, part.source};
  }
  return out;
}

Guard::Strictest Guard::asks(Verb verb) const {
  Strictest out;
  for (const Part& part : parts()) {
    const Policy policy = part.rule->asks_for(verb);
    if (policy > out.policy) out = {policy, part.source};
  }
  return out;
}

bool Guard::tripwire() const {
  return std::ranges::any_of(parts(), [](const Part& part) { return part.rule->tripwire; });
}

std::vector<Vault::PolicyChange> records_of(std::span<const RuleChange> changes) {
  std::vector<Vault::PolicyChange> records;
  for (const RuleChange& change : changes) {
    records.push_back({change.subject, change.version, std::nullopt});
    if (change.rule) records.back().record = encode_rule(*change.rule);
  }
  return records;
}

bool Rules::load(const Vault::PolicyChange& record) {
  std::optional<Rule> rule = decode_rule(*record.record);
  if (!rule) return false;
  rules_.insert_or_assign({record.subject, record.version}, *std::move(rule));
  return true;
}

const Rule* Rules::find(const Vault::SubjectId& subject, std::uint64_t version) const {
  const auto found = rules_.find({subject, version});
  return found == rules_.end() ? nullptr : &found->second;
}

Rule Rules::own(const Vault::SubjectId& subject, std::uint64_t version) const {
  const Rule* rule = find(subject, version);
  return rule == nullptr ? Rule() : *rule;
}

Guard Rules::of_collection(const std::optional<CollectionId>& collection) const {
  Guard guard;
  guard.add(Guard::Source::kDefault, &default_);
  if (collection) guard.add(Guard::Source::kCollection, find(*collection, 0));
  return guard;
}

Guard Rules::of_item(const CollectionId& collection, const ItemId& item,
                     std::uint64_t version) const {
  Guard guard = of_collection(collection);
  guard.add(Guard::Source::kItem, find(item, 0));
  if (version != 0) guard.add(Guard::Source::kVersion, find(item, version));
  return guard;
}

void Rules::add_through(Guard& guard, const std::optional<CollectionId>& collection) const {
  if (collection) guard.add(Guard::Source::kCollection, find(*collection, 0));
}

std::vector<Vault::SubjectId> Rules::subjects() const {
  std::vector<Vault::SubjectId> out;
  for (const auto& [key, rule] : rules_) {
    if (key.second == 0) out.push_back(key.first);
  }
  return out;
}

absl::StatusOr<Guard> Rules::of_item(Vault& vault, const ItemName& where,
                                     std::uint64_t version) const {
  if (rules_.empty()) return of_collection(std::nullopt);
  const absl::StatusOr<std::optional<Vault::ItemIds>> ids = vault.find(where);
  if (!ids.ok()) return ids.status();
  if (*ids) return of_item((*ids)->collection, (*ids)->item, version);
  return of_collection(vault.collection_id(where.collection));
}

absl::Status Rules::set_collection(Vault& vault, const std::string& collection, const Rule& rule) {
  if (!fits_record(rule)) return too_long();
  std::optional<Rule> stored = unless_open(rule);
  std::optional<SecretBytes> record;
  if (stored) {
    record = encode_rule(*stored);
  } else if (!vault.collection_id(collection)) {
    return absl::OkStatus();  // nothing guards what is not there
  }
  const absl::StatusOr<CollectionId> id = vault.guard_collection(collection, std::move(record));
  if (!id.ok()) return id.status();
  const RuleChange change{*id, 0, std::move(stored)};
  changed({&change, 1});
  return absl::OkStatus();
}

absl::Status Rules::set_item(Vault& vault, const ItemName& where, const Rule& rule) {
  if (!fits_record(rule)) return too_long();
  const absl::StatusOr<std::vector<ItemMetadata>> versions = vault.history(where);
  if (!versions.ok()) return versions.status();
  const ItemId item = versions->front().id;
  const Rule old = own(item);
  std::vector<RuleChange> changes;
  changes.push_back({item, 0, unless_open(rule)});
  if (old.loosened_by(rule)) {
    for (const ItemMetadata& version : std::span(*versions).subspan(1)) {
      if (version.deleted) continue;
      const Rule before = own(item, version.version);
      Rule kept = stricter(before, old);
      kept.tripwire = false;  // said of the item, and taken back with it
      if (kept != before) changes.push_back({item, version.version, std::move(kept)});
    }
  }
  if (absl::Status status = vault.set_policy_records(records_of(changes)); !status.ok()) {
    return status;
  }
  changed(changes);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RuleChange>> Rules::for_move(Vault& vault, const ItemName& from,
                                                        const ItemName& to) const {
  std::vector<RuleChange> changes;
  if (rules_.empty() || from.collection == to.collection) return changes;
  const absl::StatusOr<std::optional<Vault::ItemIds>> ids = vault.find(from);
  if (!ids.ok()) return ids.status();
  if (!*ids) return changes;
  const Rule* of_collection = find((*ids)->collection, 0);
  if (of_collection == nullptr) return changes;
  const Rule before = own((*ids)->item);
  Rule raised = stricter(before, *of_collection);
  if (!fits_record(raised)) return too_long();
  if (raised != before) changes.push_back({(*ids)->item, 0, std::move(raised)});
  return changes;
}

absl::StatusOr<std::vector<RuleChange>> Rules::for_restore(Vault& vault, const ItemName& where,
                                                           std::uint64_t version) const {
  std::vector<RuleChange> changes;
  if (rules_.empty()) return changes;
  const absl::StatusOr<std::optional<Vault::ItemIds>> ids = vault.find(where);
  if (!ids.ok()) return ids.status();
  if (!*ids) return changes;
  const ItemId& item = (*ids)->item;
  const Rule before = own(item);
  Rule raised = stricter(before, own(item, version));
  if (raised != before) changes.push_back({item, 0, std::move(raised)});
  return changes;
}

void Rules::changed(std::span<const RuleChange> changes) {
  for (const RuleChange& change : changes) {
    if (change.rule) {
      rules_.insert_or_assign({change.subject, change.version}, *change.rule);
    } else {
      rules_.erase({change.subject, change.version});
    }
  }
}

void Rules::forget(const ItemId& item) {
  const auto first = rules_.lower_bound({item, 0});
  const auto last = rules_.upper_bound({item, std::numeric_limits<std::uint64_t>::max()});
  rules_.erase(first, last);
}

}  // namespace tacit
