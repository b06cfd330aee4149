#include "daemon/access/narrowings.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/os/peer_identity.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxNarrowings = 256;
constexpr std::size_t kMaxPast = 256;
constexpr std::size_t kMaxEnded = 65'536;

Narrowings::Root root_of(const Narrowing& narrowing) {
  return {narrowing.root, narrowing.root_start};
}

bool descends_from(const Asker& asker, Narrowings::Root root) {
  return std::ranges::any_of(asker.chain, [&](const Program& program) {
    return program.pid == root.first && program.start_time == root.second;
  });
}

/// Nobody can tell whether what was adopted there and then came from the narrowed tree.
bool may_come_from(const Adopted& adopted, const NarrowedPast& past) {
  return adopted.cgroup == past.cgroup && adopted.start_time >= past.from &&
         adopted.start_time <= past.to;
}

}  // namespace

std::uint64_t Narrowings::now_in_ticks() const {
  static const auto kTicks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto now = static_cast<std::uint64_t>(setup_.boot_now().count());
  return now / (1'000'000'000 / kTicks);
}

absl::Status Narrowings::add(Vault& vault, Narrowing narrowing) {
  if (absl::Status tidied = tidy(vault); !tidied.ok()) return tidied;
  if (all_.size() >= kMaxNarrowings || ended_.size() >= kMaxEnded) {
    return make_error(Reason::kLimit,
                      "too many programs are narrowed; wait until some of them have ended, or "
                      "restart the daemon");
  }
  Kept kept{std::move(narrowing), {}};
  std::vector<Vault::PolicyChange> changes;
  for (SecretBytes& record : encode_narrowing(setup_.boot_id, kept.narrowing)) {
    kept.records.push_back(++last_record_);
    changes.push_back({kNarrowingSubject, last_record_, std::move(record)});
  }
  if (absl::Status stored = vault.set_policy_records(changes); !stored.ok()) return stored;
  watch(kept.narrowing);
  all_.push_back(std::move(kept));
  return absl::OkStatus();
}

void Narrowings::watch(const Narrowing& narrowing) {
  const Root root = root_of(narrowing);
  if (!watched_.insert(root).second) return;
  setup_.when_ended(root, [this, root] { root_ended(root); });
}

void Narrowings::root_ended(Root root) {
  watched_.erase(root);
  ended_.emplace(root, now_in_ticks());
}

void Narrowings::remember(std::vector<Past>& past, const NarrowedPast& one, std::uint64_t record) {
  const bool full = past.size() >= kMaxPast;
  // One that overlaps grows; where there are too many, the last of its place does.
  const auto same = std::find_if(past.rbegin(), past.rend(), [&](const Past& other) {
    const bool overlaps = one.from <= other.past.to && one.to >= other.past.from;
    return other.past.cgroup == one.cgroup && (full || overlaps);
  });
  if (same == past.rend()) {
    past.push_back({one, record, true});
    return;
  }
  same->past.from = std::min(same->past.from, one.from);
  same->past.to = std::max(same->past.to, one.to);
  same->past.last_from = std::max(same->past.last_from, one.last_from);
  same->changed = true;
}

absl::Status Narrowings::tidy(Vault& vault) {
  // By record: none of them may be changed twice at once.
  std::map<std::uint64_t, std::optional<SecretBytes>> changes;
  for (const std::uint64_t record : stale_) changes[record] = std::nullopt;
  std::vector<Past> past = past_;
  for (const auto& [narrowing, records] : all_) {
    const Root root = root_of(narrowing);
    if (process_start_time(root.first) == root.second) continue;
    const std::uint64_t end = ended_.emplace(root, now_in_ticks()).first->second;
    for (const std::uint64_t record : records) changes[record] = std::nullopt;
    remember(past, {narrowing.cgroup, root.second, std::max(end, root.second), root.second},
             records.front());
  }
  for (Past& one : past) {
    if (std::exchange(one.changed, false)) {
      changes[one.record] = encode_past(setup_.boot_id, one.past);
    }
  }
  if (changes.empty()) return absl::OkStatus();
  std::vector<Vault::PolicyChange> write;
  write.reserve(changes.size());
  for (auto& [record, content] : changes) {
    write.push_back({kNarrowingSubject, record, std::move(content)});
  }
  if (absl::Status stored = vault.set_policy_records(write); !stored.ok()) return stored;
  past_ = std::move(past);
  stale_.clear();
  std::erase_if(all_,
                [this](const Kept& kept) { return ended_.contains(root_of(kept.narrowing)); });
  return absl::OkStatus();
}

bool Narrowings::load(const Vault::PolicyChange& record) {
  std::optional<NarrowingRecord> read = decode_narrowing(*record.record);
  if (!read) return false;
  last_record_ = std::max(last_record_, record.version);
  if (read->boot != setup_.boot_id) {
    stale_.push_back(record.version);
    return true;
  }
  if (!read->narrowing) {
    past_.push_back({read->past, record.version, false});
    return true;
  }
  Narrowing& part = *read->narrowing;
  const auto whole =
      std::ranges::find_if(all_, [&](const Kept& kept) { return kept.narrowing.id == part.id; });
  if (whole != all_.end()) {
    std::ranges::move(part.items, std::back_inserter(whole->narrowing.items));
    std::ranges::move(part.names, std::back_inserter(whole->narrowing.names));
    whole->records.push_back(record.version);
    return true;
  }
  const Root root = root_of(part);
  if (process_start_time(root.first) != root.second) {
    ended_.emplace(root, now_in_ticks());
  } else {
    watch(part);
  }
  all_.push_back({std::move(part), {record.version}});
  return true;
}

void Narrowings::locked() {
  all_.clear();
  past_.clear();
  stale_.clear();
}

Narrowings::Scope Narrowings::over(const Asker& asker, BootTime now) const {
  Scope scope;
  for (const auto& [narrowing, records] : all_) {
    if (!descends_from(asker, root_of(narrowing))) continue;
    scope.expired = scope.expired || now >= narrowing.until;
    scope.narrowed = true;
    scope.id = narrowing.id;
  }
  return scope;
}

bool Narrowings::leaves(const Asker& asker, const ItemId& item) const {
  return std::ranges::all_of(all_, [&](const Kept& kept) {
    return !descends_from(asker, root_of(kept.narrowing)) ||
           std::ranges::find(kept.narrowing.items, item) != kept.narrowing.items.end();
  });
}

bool Narrowings::consented(const Asker& asker, const ItemId& item, BootTime now) const {
  bool any = false;
  for (const auto& [narrowing, records] : all_) {
    if (!descends_from(asker, root_of(narrowing))) continue;
    any = true;
    const auto holds = [&](const auto& one) { return one.first == item && now < one.second; };
    if (std::ranges::none_of(narrowing.consented, holds)) return false;
  }
  return any;
}

absl::StatusOr<bool> Narrowings::close(Vault& vault, std::uint64_t id) {
  const auto found =
      std::ranges::find_if(all_, [id](const Kept& kept) { return kept.narrowing.id == id; });
  if (found == all_.end()) return false;
  const BootTime before = std::exchange(found->narrowing.until, setup_.boot_now());
  std::vector<SecretBytes> parts = encode_narrowing(setup_.boot_id, found->narrowing);
  std::vector<Vault::PolicyChange> changes;
  for (std::size_t i = 0; i < parts.size() && i < found->records.size(); ++i) {
    changes.push_back({kNarrowingSubject, found->records[i], std::move(parts[i])});
  }
  if (absl::Status stored = vault.set_policy_records(changes); !stored.ok()) {
    found->narrowing.until = before;
    return stored;
  }
  return true;
}

NarrowedPast Narrowings::past_of(const Kept& kept) const {
  const auto end = ended_.find(root_of(kept.narrowing));
  const std::uint64_t start = kept.narrowing.root_start;
  return {kept.narrowing.cgroup, start, end == ended_.end() ? UINT64_MAX : end->second, start};
}

bool Narrowings::may_be_adopted_by_root(const Asker& asker) const {
  for (std::size_t i = 0; i + 1 < asker.chain.size(); ++i) {
    const Program& parent = asker.chain[i + 1];
    const auto outer = std::ranges::find_if(all_, [&](const Kept& kept) {
      return root_of(kept.narrowing) == Root(parent.pid, parent.start_time);
    });
    if (outer == all_.end()) continue;
    const Adopted child{asker.chain[i].start_time, outer->narrowing.cgroup};
    // Start times are in ticks: the one within may have begun in that of the outer one.
    const auto from = [&](const NarrowedPast& past) {
      return past.last_from >= outer->narrowing.root_start && may_come_from(child, past);
    };
    const bool of_past = std::ranges::any_of(past_, from, &Past::past);
    const bool of_other = std::ranges::any_of(all_, [&](const Kept& kept) {
      return !descends_from(asker, root_of(kept.narrowing)) && from(past_of(kept));
    });
    if (of_past || of_other) return true;
  }
  return false;
}

bool Narrowings::may_have_left(const Asker& asker) const {
  const bool of_ended = std::ranges::any_of(asker.chain, [&](const Program& program) {
    return ended_.contains({program.pid, program.start_time});
  });
  if (of_ended || may_be_adopted_by_root(asker)) return true;
  if (!asker.adopted) return false;
  const auto from = [&](const NarrowedPast& past) { return may_come_from(*asker.adopted, past); };
  return std::ranges::any_of(past_, from, &Past::past) ||
         std::ranges::any_of(all_, [&](const Kept& kept) { return from(past_of(kept)); });
}

std::vector<Narrowing> Narrowings::all() const {
  std::vector<Narrowing> running;
  for (const auto& [narrowing, records] : all_) {
    if (process_start_time(narrowing.root) == narrowing.root_start) running.push_back(narrowing);
  }
  return running;
}

std::uint64_t Narrowings::last_id() const {
  std::uint64_t last = 0;
  for (const Kept& kept : all_) last = std::max(last, kept.narrowing.id);
  return last;
}

}  // namespace tacit
