#include "daemon/tokens/renewals.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxWaiting = 4096;
constexpr std::size_t kLostKept = 64;

}  // namespace

absl::StatusOr<Renewals::Ticket> Renewals::join(const ItemId& item, const RenewalWish& wish,
                                                Told told) {
  if (tickets_.size() >= kMaxWaiting) {
    return make_error(Reason::kLimit, "too many programs wait for tokens to be renewed; wait");
  }
  const Ticket ticket = ++last_ticket_;
  tickets_.emplace(ticket, item);
  lines_[item].waiters.push_back({ticket, wish, std::move(told)});
  advance(item);
  return ticket;
}

void Renewals::leave(Ticket ticket) {
  const auto entry = tickets_.find(ticket);
  if (entry == tickets_.end()) return;
  const ItemId item = entry->second;
  tickets_.erase(entry);
  Line& line = lines_[item];
  const bool held = line.lease && line.waiters.front().ticket == ticket;
  std::erase_if(line.waiters, [&](const Waiter& waiter) { return waiter.ticket == ticket; });
  if (held) line.lease.reset();
  advance(item);
}

const RenewalLease* Renewals::find(std::uint64_t lease) {
  for (auto& [item, line] : lines_) {
    if (!line.lease || line.lease->id != lease) continue;
    line.due = setup_.clock->now() + setup_.lease_time;
    arm();
    return &*line.lease;
  }
  const auto lost = std::ranges::find(lost_, lease, &RenewalLease::id);
  return lost == lost_.end() ? nullptr : &*lost;
}

void Renewals::advance(const ItemId& item) {
  const auto at = lines_.find(item);
  if (at == lines_.end()) return;
  Line& line = at->second;
  while (!line.lease && !line.waiters.empty()) {
    Waiter& first = line.waiters.front();
    auto considered = setup_.consider(item, first.wish);
    if (const auto* version = std::get_if<std::uint64_t>(&considered)) {
      line.lease = RenewalLease{++last_lease_, item, *version, first.wish};
      line.due = setup_.clock->now() + setup_.lease_time;
      first.told(*line.lease);
      break;
    }
    Waiter done = std::move(first);
    line.waiters.pop_front();
    tickets_.erase(done.ticket);
    if (const auto* renewed = std::get_if<RenewedTo>(&considered)) {
      done.told(*renewed);
    } else {
      done.told(std::get<absl::Status>(std::move(considered)));
    }
  }
  if (line.waiters.empty()) lines_.erase(at);
  arm();
}

void Renewals::renewed(const ItemId& item, std::uint64_t version) {
  const auto at = lines_.find(item);
  if (at == lines_.end()) return;
  auto waiters = std::exchange(at->second.waiters, {});
  lines_.erase(at);
  for (const Waiter& waiter : waiters) tickets_.erase(waiter.ticket);
  for (const Waiter& waiter : waiters) waiter.told(RenewedTo{version});
  arm();
}

void Renewals::failed(const ItemId& item, const absl::Status& why, bool others_may_log_in) {
  const auto at = lines_.find(item);
  if (at == lines_.end()) return;
  Line& line = at->second;
  const bool held = line.lease.has_value();
  line.lease.reset();
  std::vector<Waiter> ended;
  std::deque<Waiter> stay;
  for (std::size_t i = 0; i < line.waiters.size(); ++i) {
    Waiter& waiter = line.waiters[i];
    const bool holder = held && i == 0;
    if (!holder && others_may_log_in && waiter.wish.may_log_in) {
      stay.push_back(std::move(waiter));
    } else {
      tickets_.erase(waiter.ticket);
      ended.push_back(std::move(waiter));
    }
  }
  line.waiters = std::move(stay);
  for (const Waiter& waiter : ended) waiter.told(why);
  advance(item);
}

void Renewals::end_all(const absl::Status& why) {
  auto lines = std::exchange(lines_, {});
  tickets_.clear();
  lost_.clear();
  for (const auto& [item, line] : lines) {
    for (const Waiter& waiter : line.waiters) waiter.told(why);
  }
  arm();
}

void Renewals::lose(Line& line) {
  if (lost_.size() >= kLostKept) lost_.pop_front();
  lost_.push_back(*std::exchange(line.lease, std::nullopt));
  Waiter holder = std::move(line.waiters.front());
  line.waiters.pop_front();
  tickets_.erase(holder.ticket);
  holder.told(make_error(Reason::kRenewalFailed,
                         "the renewal took too long without a sign of life, and another program "
                         "may try now"));
}

void Renewals::on_alarm() {
  const BootTime now = setup_.clock->now();
  std::vector<ItemId> free;
  for (auto& [item, line] : lines_) {
    if (!line.lease || line.due > now) continue;
    free.push_back(item);
  }
  for (const ItemId& item : free) {
    lose(lines_[item]);
    advance(item);
  }
  arm();
}

void Renewals::arm() {
  std::optional<BootTime> next;
  for (const auto& [item, line] : lines_) {
    if (line.lease && (!next || line.due < *next)) next = line.due;
  }
  setup_.clock->set_alarm(next);
}

}  // namespace tacit
