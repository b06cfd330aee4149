// What the services share. Made by main; all of it belongs to the vault thread.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/access/access.h"
#include "daemon/access/audit.h"
#include "daemon/access/audit_change.h"
#include "daemon/access/prompt_desk.h"
#include "daemon/base/status.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/hub.h"
#include "daemon/rpc/limits.h"
#include "daemon/rpc/peers.h"
#include "daemon/session/backoff.h"
#include "daemon/session/derivations.h"
#include "daemon/session/session.h"
#include "daemon/tokens/token_book.h"

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
  PromptDesk& prompts;
  Askers& askers;
  Audit& audit;
  TokenBook& tokens;
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

/// What a call is about, for access to judge.
struct Wanted {
  std::span<const ItemName> items{};          ///< empty: `collection`, or everything
  std::span<const std::uint64_t> versions{};  ///< of the items; empty: the newest
  std::optional<std::string> collection{};
  bool filtered = false;  ///< see AccessRequest
  bool each = false;
  bool rules_alone = false;
  bool unlock_alone = false;
  bool may_ask = false;
  bool told_later = false;
  bool by_credential = false;
  bool inherits = false;
  bool bulk = false;
  bool whole = false;
  AdminChange planned{};
  std::chrono::milliseconds lifetime{0};
};

/// Writes down that the call was refused, and what it was to do.
template <class CallType>
void note_denied(Core& core, CallType& call, std::string_view rule, const AdminChange& what = {}) {
  AuditEntry entry;
  entry.asker = call.peer().asker->now();
  entry.verb = call.verb();
  entry.method = call.name();
  entry.verdict = AuditVerdict::kDenied;
  entry.rule = std::string(rule);
  entry.change = what.change;
  note_of_each(core.audit, entry, what.subjects).IgnoreError();  // refused either way
}

/// Asks whether the call may go on, and calls `then()` or `then(const AccessVerdict&)` if so; else
/// the call fails. A call that may ask has the vault unlocked first. One that goes away while it
/// waits takes its question with it, if its method is told when that happens. `verb` is not always
/// that of the call's method.
template <class CallType, class Then>
void judged(Core& core, CallType& call, Verb verb, const Wanted& wanted, Then then) {
  const AccessRequest request{.asker = *call.peer().asker,
                              .method = call.name(),
                              .verb = verb,
                              .items = wanted.items,
                              .versions = wanted.versions,
                              .collection = wanted.collection,
                              .filtered = wanted.filtered,
                              .each = wanted.each,
                              .rules_alone = wanted.rules_alone,
                              .unlock_alone = wanted.unlock_alone,
                              .may_ask = wanted.may_ask,
                              .told_later = wanted.told_later,
                              .by_credential = wanted.by_credential,
                              .inherits = wanted.inherits,
                              .bulk = wanted.bulk,
                              .whole = wanted.whole,
                              .planned = wanted.planned,
                              .lifetime = wanted.lifetime};
  const AccessTicket ticket = core.access.authorize(
      request, [&call, then = std::move(then)](const AccessVerdict& verdict) mutable {
        call.on_cancel({});
        if (!verdict.status.ok()) return call.fail(verdict.status);
        if constexpr (std::is_invocable_v<Then, const AccessVerdict&>) {
          then(verdict);
        } else {
          then();
        }
      });
  if (ticket == 0) return;
  call.on_cancel([&core, &call, ticket] {
    core.access.give_up(ticket);
    call.fail(absl::CancelledError("the client gave up"));
  });
}

/// Asks for what the call's method does, as `judged`.
template <class CallType, class Then>
void authorized(Core& core, CallType& call, const Wanted& wanted, Then then) {
  judged(core, call, call.verb(), wanted, std::move(then));
}
template <class CallType, class Then>
void authorized(Core& core, CallType& call, std::span<const ItemName> items, bool may_ask,
                Then then) {
  authorized(core, call, Wanted{.items = items, .may_ask = may_ask}, std::move(then));
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

/// The same for a call's credential; the log has it if it was wrong, and what it was to change.
template <class CallType>
requires std::derived_from<CallType, Call>
void judge_credential(Core& core, CallType& call, const absl::Status& outcome,
                      const AdminChange& change = {}) {
  judge_credential(core, call.peer().process->key, outcome);
  if (reason_of(outcome) == Reason::kWrongCredential) {
    note_denied(core, call, "wrong credential", change);
  }
}

}  // namespace tacit
