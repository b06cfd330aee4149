#include "daemon/access/grants.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxGrants = 4096;
constexpr std::size_t kMaxRecordBytes = 4096;
constexpr std::chrono::minutes kOnceLasts{1};
constexpr BootTime kForever = BootTime::max();

bool same_program_by_path(const ProgramIdentity& one, const ProgramIdentity& other) {
  return one.executable == other.executable && one.script == other.script &&
         one.process == other.process && one.process_start == other.process_start &&
         one.agent == other.agent;
}

/// By the answer to a question: the same files, in the same session.
bool same_session(const Grant& grant, const Asker& asker) {
  return grant.session == asker.session && grant.program == identity_of(asker);
}

}  // namespace

ProgramIdentity identity_of(const Asker& asker) {
  const Program& program = asker.asking();
  ProgramIdentity identity;
  identity.executable = program.executable;
  identity.file = program.file;
  identity.script = program.script;
  identity.script_file = program.script_file;
  // Nothing says which program it is: the answer holds for this one process.
  if (program.unnamed_script || !program.file_known) {
    identity.process = program.pid;
    identity.process_start = program.start_time;
  }
  identity.agent = asker.agent();
  return identity;
}

bool names_program(const Program& program, std::string_view path) {
  if (path.empty() || !program.file_known) return false;
  return program.executable == path || (!program.unnamed_script && program.script == path);
}

bool Grants::over(const Grant& grant) const {
  if (grant.denied) return false;
  const BootTime now = setup_.boot_now();
  if (now >= grant.until || grant.uses_left == 0) return true;
  return !grant.prepared && now - grant.last_used > setup_.idle;
}

bool Grants::matches(const Grant& grant, const Asker& asker) const {
  if (over(grant)) return false;
  if (grant.denied) return same_program_by_path(grant.program, identity_of(asker));
  if (!grant.prepared && !same_session(grant, asker)) return false;
  if (grant.prepared && grant.root == 0) return names_program(asker.asking(), grant.path);
  return grant.root == 0 || std::ranges::any_of(asker.chain, [&](const Program& program) {
           return program.pid == grant.root && program.start_time == grant.root_start;
         });
}

const Grant* Grants::denial(const Use& use) const {
  for (const Grant& grant : all_) {
    if (grant.denied && grant.collection == use.collection && matches(grant, use.asker)) {
      return &grant;
    }
  }
  return nullptr;
}

const Grant* Grants::allowing(const Use& use) const {
  const Grant* counted = nullptr;
  for (const Grant& grant : all_) {
    if (grant.denied || (grant.verbs & verb_bit(use.verb)) == 0) continue;
    if (grant.collection != use.collection) continue;
    if (!grant.items.empty()) {
      if (use.item == nullptr || !std::ranges::count(grant.items, *use.item)) continue;
    } else if (use.each_use && !grant.once) {
      continue;
    }
    if (!matches(grant, use.asker)) continue;
    if (!grant.uses_left) return &grant;
    if (counted == nullptr) counted = &grant;
  }
  return counted;
}

bool Grants::any(const Asker& asker, Verb verb) const {
  return std::ranges::any_of(all_, [&](const Grant& grant) {
    return !grant.denied && (grant.verbs & verb_bit(verb)) != 0 && matches(grant, asker);
  });
}

absl::Status Grants::used(Vault& vault, std::uint64_t id) {
  const auto grant = std::ranges::find(all_, id, &Grant::id);
  if (grant == all_.end() || over(*grant)) {
    return make_error(Reason::kPolicyDenied, "the grant has ended; ask for another");
  }
  grant->last_used = setup_.boot_now();
  if (!grant->uses_left) return absl::OkStatus();
  --*grant->uses_left;
  if (!grant->prepared) return absl::OkStatus();
  absl::Status stored = store(vault, *grant);
  // A use that was not written down must not be had.
  if (!stored.ok()) ++*grant->uses_left;
  return stored;
}

Grant& Grants::add_answer(const Asker& asker, VerbSet verbs, const std::string& collection) {
  // The one that was used longest ago makes room.
  if (all_.size() >= kMaxGrants) {
    const auto oldest = std::ranges::min_element(all_, {}, [](const Grant& grant) {
      return grant.prepared || grant.denied ? kForever : grant.last_used;
    });
    if (!oldest->prepared && !oldest->denied) all_.erase(oldest);
  }
  Grant grant;
  grant.id = next_id();
  grant.verbs = verbs;
  grant.collection = collection;
  grant.program = identity_of(asker);
  grant.session = asker.session;
  grant.created = setup_.wall_now();
  grant.last_used = setup_.boot_now();
  grant.until = grant.last_used + setup_.lifetime;
  all_.push_back(std::move(grant));
  return all_.back();
}

std::uint64_t Grants::allow_session(const Asker& asker, Verb verb, const std::string& collection) {
  drop_ended();
  const VerbSet verbs = verb_bit(verb) | verb_bit(Verb::kList);
  for (Grant& grant : all_) {
    if (grant.denied || grant.prepared || grant.once || grant.collection != collection) continue;
    if (!same_session(grant, asker)) continue;
    grant.verbs |= verbs;
    grant.last_used = setup_.boot_now();
    return grant.id;
  }
  return add_answer(asker, verbs, collection).id;
}

std::uint64_t Grants::allow_once(const Asker& asker, Verb verb, const std::string& collection,
                                 std::chrono::milliseconds tree_lifetime) {
  drop_ended();
  Grant& grant = add_answer(asker, verb_bit(verb), collection);
  grant.once = true;
  grant.root = asker.chain.front().pid;
  grant.root_start = asker.chain.front().start_time;
  grant.uses_left = 1;
  grant.until = grant.last_used + kOnceLasts;
  grant.tree_lifetime = tree_lifetime;
  return grant.id;
}

absl::StatusOr<std::uint64_t> Grants::deny_always(Vault& vault, const Asker& asker,
                                                  const std::string& collection) {
  drop_ended();
  Grant grant;
  grant.denied = true;
  grant.collection = collection;
  grant.program = identity_of(asker);
  grant.program.file = {};
  grant.program.script_file = {};
  grant.created = setup_.wall_now();
  grant.until = kForever;
  const auto same = std::ranges::find_if(all_, [&](const Grant& other) {
    return other.denied && other.collection == collection &&
           same_program_by_path(other.program, grant.program);
  });
  if (same != all_.end()) return same->id;
  if (all_.size() >= kMaxGrants) {
    return make_error(Reason::kLimit, "too many grants and denials; `tacit grants` shows them");
  }
  grant.id = next_id();
  all_.push_back(grant);
  // A process has no tomorrow. What cannot be written holds until lock.
  if (grant.program.process == 0) {
    if (absl::Status stored = store(vault, grant); !stored.ok()) return stored;
  }
  return grant.id;
}

absl::StatusOr<std::uint64_t> Grants::prepare(Vault& vault, Grant grant,
                                              std::chrono::milliseconds lifetime) {
  drop_ended();
  // Those that have ended go with the next one, not by a clock that would write to the vault.
  std::vector<Vault::PolicyChange> ended;
  for (const Grant& other : all_) {
    if (other.prepared && over(other)) ended.push_back({kGrantSubject, other.id, std::nullopt});
  }
  if (!ended.empty()) {
    if (absl::Status dropped = vault.set_policy_records(ended); !dropped.ok()) return dropped;
  }
  std::erase_if(all_, [this](const Grant& other) { return other.prepared && over(other); });
  if (all_.size() >= kMaxGrants) {
    return make_error(Reason::kLimit, "too many grants; `tacit grants` shows them");
  }
  grant.id = next_id();
  grant.prepared = true;
  grant.created = setup_.wall_now();
  grant.expires = grant.created + lifetime.count();
  grant.until = setup_.boot_now() + lifetime;
  grant.boot_id = setup_.boot_id;
  if (absl::Status stored = store(vault, grant); !stored.ok()) return stored;
  all_.push_back(std::move(grant));
  return all_.back().id;
}

std::vector<Grant> Grants::all() const {
  std::vector<Grant> out;
  std::ranges::copy_if(all_, std::back_inserter(out),
                       [this](const Grant& grant) { return !over(grant); });
  return out;
}

std::optional<Grant> Grants::find(std::uint64_t id) const {
  const auto found = std::ranges::find(all_, id, &Grant::id);
  if (found == all_.end()) return std::nullopt;
  return *found;
}

absl::Status Grants::revoke(Vault& vault, std::uint64_t id) {
  const auto found = std::ranges::find(all_, id, &Grant::id);
  if (found == all_.end()) return absl::OkStatus();
  if (found->prepared || found->denied) {
    absl::Status dropped = vault.set_policy_record(kGrantSubject, id, std::nullopt);
    if (!dropped.ok()) return dropped;
  }
  all_.erase(found);
  return absl::OkStatus();
}

bool Grants::load(const Vault::PolicyChange& record) {
  std::optional<Grant> grant = decode_grant(*record.record);
  if (!grant) return false;
  grant->id = record.version;
  last_id_ = std::max(last_id_, grant->id);
  if (grant->denied) {
    grant->until = kForever;
  } else if (grant->boot_id != setup_.boot_id) {
    // Another boot: its clock says nothing, and its processes are gone. A wall clock from before
    // the grant was made has been set back, and says nothing either.
    const UnixMillis now = setup_.wall_now();
    const bool trusted = now >= grant->created && grant->root == 0;
    grant->until = setup_.boot_now();
    if (trusted) grant->until += std::chrono::milliseconds(grant->expires - now);
  }
  all_.push_back(*std::move(grant));
  return true;
}

void Grants::clear() { all_.clear(); }

absl::Status Grants::store(Vault& vault, const Grant& grant) {
  SecretBytes record = encode_grant(grant);
  if (record.size() > kMaxRecordBytes) {
    return make_error(Reason::kLimit,
                      "the grant names too many items to be kept; make several, or one for the "
                      "whole collection");
  }
  return vault.set_policy_record(kGrantSubject, grant.id, std::move(record));
}

void Grants::drop_ended() {
  // Prepared ones that have ended stay in the vault until the next one is made.
  std::erase_if(all_, [this](const Grant& grant) { return !grant.prepared && over(grant); });
}

}  // namespace tacit
