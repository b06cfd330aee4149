#include "daemon/access/narrowings.h"

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"
#include "daemon/os/peer_identity.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxNarrowings = 1024;
constexpr std::size_t kMaxPlaces = 4096;
constexpr std::size_t kMaxEnded = 65'536;

bool descends_from(const Asker& asker, const Narrowing& narrowing) {
  return std::ranges::any_of(asker.chain, [&](const Program& program) {
    return program.pid == narrowing.root && program.start_time == narrowing.root_start;
  });
}

/// The chain of an orphan ends before its session's leader.
bool reaches_leader(const Asker& asker) {
  return std::ranges::any_of(asker.chain, [&](const Program& program) {
    return program.pid == asker.session.leader &&
           (asker.session.leader_start == 0 || program.start_time == asker.session.leader_start);
  });
}

}  // namespace

absl::Status Narrowings::add(Narrowing narrowing, const Asker& asker) {
  drop_ended();
  if (all_.size() >= kMaxNarrowings || places_.size() >= kMaxPlaces || ended_.size() >= kMaxEnded) {
    return make_error(Reason::kLimit,
                      "too many programs are narrowed; wait until some of them have ended, or "
                      "restart the daemon");
  }
  // An orphan of a session of one process has no place of its own: it is unknown as it is.
  const bool no_place = asker.session.kind == AskerSession::Kind::kProcess && asker.unit.empty();
  const bool known = std::ranges::any_of(places_, [&](const Place& place) {
    return place.session == asker.session && place.unit == asker.unit;
  });
  if (!known && !no_place) places_.push_back({asker.session, asker.unit});
  all_.push_back(std::move(narrowing));
  return absl::OkStatus();
}

Narrowings::Scope Narrowings::over(const Asker& asker, BootTime now) const {
  Scope scope;
  for (const Narrowing& narrowing : all_) {
    if (!descends_from(asker, narrowing)) continue;
    scope.consented = narrowing.consented && (scope.consented || !scope.narrowed);
    scope.expired = scope.expired || now >= narrowing.until;
    scope.narrowed = true;
    scope.id = narrowing.id;
  }
  return scope;
}

bool Narrowings::leaves(const Asker& asker, const ItemId& item) const {
  return std::ranges::all_of(all_, [&](const Narrowing& narrowing) {
    return !descends_from(asker, narrowing) || narrowing.items.contains(item);
  });
}

bool Narrowings::may_have_left(const Asker& asker) const {
  const bool of_ended = std::ranges::any_of(asker.chain, [&](const Program& program) {
    return ended_.contains({program.pid, program.start_time});
  });
  if (of_ended) return true;
  for (const Place& place : places_) {
    if (place.session == asker.session && !reaches_leader(asker)) return true;
    // Left its terminal, and is now one of the unit's.
    if (!place.unit.empty() && asker.session.kind == AskerSession::Kind::kUnit &&
        asker.session.unit == place.unit && place.session.kind != AskerSession::Kind::kUnit) {
      return true;
    }
  }
  return false;
}

const std::vector<Narrowing>& Narrowings::all() {
  drop_ended();
  return all_;
}

void Narrowings::locked() {
  for (Narrowing& narrowing : all_) narrowing.consented = false;
}

void Narrowings::drop_ended() {
  std::erase_if(all_, [this](const Narrowing& narrowing) {
    if (process_start_time(narrowing.root) == narrowing.root_start) return false;
    ended_.insert({narrowing.root, narrowing.root_start});
    return true;
  });
}

}  // namespace tacit
