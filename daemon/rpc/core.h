// What the services share. Made by main; all of it belongs to the vault thread.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/access/access.h"
#include "daemon/base/status.h"
#include "daemon/rpc/hub.h"
#include "daemon/rpc/limits.h"
#include "daemon/rpc/peers.h"
#include "daemon/session/backoff.h"
#include "daemon/session/derivations.h"
#include "daemon/session/session.h"

namespace tacit {

struct StateChange {
  VaultState state;
  std::string cause;
};

/// References outlive the services.
struct Core {
  const Limits& limits;
  Session& session;
  Access& access;
  Derivations& derivations;
  Backoff& backoff;
  BootClock& clock;
  Clock wall_clock;
  Peers& peers;
  Hub<ItemEvent>& item_events;
  Hub<StateChange>& state_changes;
  /// Argon2id's cost for new slots; slow at the first use. On the derivation worker only.
  std::function<KdfParams()> new_slot_cost;
  std::string version;
  std::string socket_path;
  BootTime started;
};

/// Asks whether the call may go on, and calls `then()` if so; else the call fails.
template <class CallType, class Then>
void authorized(Core& core, CallType& call, std::span<const ItemName> items, bool may_ask,
                Then then) {
  const AccessRequest request{call.peer().identity, call.verb(), items, may_ask};
  core.access.authorize(request, [&call, then = std::move(then)](const absl::Status& verdict) {
    if (!verdict.ok()) return call.fail(verdict);
    then();
  });
}

/// Work with a credential, off the vault thread, for a call that waits for it.
/// `prepare` gives the Work or an error, which fails the call; the Work's completion ends
/// the call itself and tells the outcome to `judge_credential`.
template <class CallType>
void derive(Core& core, CallType& call, absl::AnyInvocable<absl::StatusOr<Work>()> prepare) {
  const ProcessKey who = call.peer().process->key;
  if (absl::Status wait = core.backoff.check(who, core.clock.now()); !wait.ok()) {
    return call.fail(wait);
  }
  Derivations::Ticket ticket = 0;
  const absl::Status queued = core.derivations.enqueue(
      who,
      [&call, prepare = std::move(prepare)]() mutable -> Work {
        absl::StatusOr<Work> work = prepare();
        if (work.ok()) return *std::move(work);
        call.fail(work.status());
        return nullptr;
      },
      [&call] { call.fail(absl::CancelledError("it was given up before its turn came")); }, ticket);
  if (!queued.ok()) return call.fail(queued);
  call.on_cancel([&core, ticket] { core.derivations.cancel(ticket); });
}

/// Counts a credential that was wrong, or forgets those that were.
inline void judge_credential(Core& core, const ProcessKey& who, const absl::Status& outcome) {
  if (outcome.ok()) {
    core.backoff.succeeded(who);
  } else if (reason_of(outcome) == Reason::kWrongCredential) {
    core.backoff.failed(who, core.clock.now());
  }
}

}  // namespace tacit
