#include "daemon/rpc/session_service.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/rpc/asked_by.h"
#include "daemon/rpc/convert.h"
#include "daemon/session/open_vault.h"

namespace tacit {
namespace {

constexpr int kMaxFirstSlots = 8;

v1::PrompterState prompter_state(const PromptDesk& desk) {
  const std::optional<bool> proven = desk.prompter_proven();
  if (!proven) return v1::PROMPTER_STATE_NONE;
  return *proven ? v1::PROMPTER_STATE_PROVEN : v1::PROMPTER_STATE_UNPROVEN;
}

}  // namespace

SessionService::SessionService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Session.Status", 8, false}, this, &SessionService::status);
  server.add(service_, {"Session.Create", 2, true}, this, &SessionService::create);
  server.add(service_, {"Session.Unlock", 2, true}, this, &SessionService::unlock);
  server.add(service_, {"Session.Lock", 2, false}, this, &SessionService::lock);
  server.add(service_, {"Session.Watch", 2, true}, this, &SessionService::watch);
}

void SessionService::status(Unary<v1::StatusRequest, v1::StatusReply>& call) {
  authorized(core_, call, {}, false, [this, &call] {
    Session& session = core_.session;
    session.refresh();
    v1::StatusReply& reply = call.reply();
    const VaultState state = session.state();
    reply.set_state(static_cast<v1::VaultState>(state));
    reply.set_version(core_.version);
    reply.set_pid(::getpid());
    if (state != VaultState::kNone) reply.set_vault_path(session.place().dir);
    reply.set_socket_path(core_.socket_path);
    reply.set_unlocked_unix_ms(session.unlocked_since());
    reply.set_locks_unix_ms(session.locks_at());
    if (const absl::Status problem = session.problem(); !problem.ok()) {
      reply.set_problem(to_proto(reason_of(problem)));
      reply.set_problem_message(std::string(problem.message()));
      reply.set_read_only(state == VaultState::kUnlocked);
    }
    reply.set_prompter(prompter_state(core_.prompts));
    reply.set_recovery_key_unconfirmed(session.recovery_key_unconfirmed());
    reply.set_uptime_ms(
        std::chrono::floor<std::chrono::milliseconds>(core_.clock.now() - core_.started).count());
    for (const Slot& slot : session.slots()) {
      const v1::SlotKind kind = to_proto(slot.kind);
      if (std::ranges::find(reply.slot_kinds(), kind) == reply.slot_kinds().end()) {
        reply.add_slot_kinds(kind);
      }
    }
    call.finish(absl::OkStatus());
  });
}

void SessionService::create(Unary<v1::CreateRequest, v1::CreateReply>& call) {
  v1::CreateRequest& request = call.request();
  const auto invalid = [&](std::string_view message) {
    call.fail(make_error(Reason::kInvalidArgument, message));
  };
  if (request.credentials_size() < 1 || request.credentials_size() > kMaxFirstSlots) {
    return invalid("a vault is made with 1 to 8 credentials; give at least a passphrase");
  }
  auto credentials = std::make_shared<std::vector<Credential>>();
  for (v1::Credential& given : *request.mutable_credentials()) {
    if (given.has_recovery_key()) {
      return invalid("a recovery key cannot be chosen; ask for one with `with_recovery_key`");
    }
    absl::StatusOr<Credential> credential = credential_from(given);
    if (!credential.ok()) return call.fail(credential.status());
    credentials->push_back(*std::move(credential));
  }
  look_up(call.peer());
  authorized(core_, call, {}, false, [this, &call, credentials] {
    // Known before the slow part; asked again when the turn comes, for another may be faster.
    core_.session.refresh();
    if (core_.session.state() == VaultState::kLocked ||
        core_.session.state() == VaultState::kUnlocked) {
      return call.fail(core_.session.start_creating());
    }
    derive(core_, call, [this, &call, credentials]() -> absl::StatusOr<Work> {
      if (absl::Status may = core_.session.start_creating(); !may.ok()) return may;
      const bool with_recovery_key = call.request().with_recovery_key();
      return Work([this, &call, credentials, with_recovery_key]() -> Completion {
        auto created = std::make_shared<absl::StatusOr<CreatedVault>>(
            create_vault(core_.session.place(), core_.wall_clock, *credentials, with_recovery_key,
                         core_.new_slot_cost()));
        credentials->clear();
        return [this, &call, created] {
          if (!created->ok()) {
            core_.session.not_created();
            return call.fail(created->status());
          }
          OpenedVault& opened = (*created)->opened;
          const absl::Status status = core_.session.opened(
              std::move(opened.file), std::move(opened.vault), asked_by(call.peer()));
          call.reply().set_recovery_key(field_of((*created)->recovery_key));
          call.finish(status);
        };
      });
    });
  });
}

void SessionService::unlock(Unary<v1::UnlockRequest, v1::UnlockReply>& call) {
  const auto already = [this, &call] {
    if (core_.session.state() != VaultState::kUnlocked) return false;
    call.reply().set_already_unlocked(true);
    call.finish(absl::OkStatus());
    return true;
  };
  if (already()) return;
  absl::StatusOr<Credential> given = credential_from(*call.request().mutable_credential());
  if (!given.ok()) return call.fail(given.status());
  auto credential = std::make_shared<Credential>(*std::move(given));
  look_up(call.peer());
  authorized(core_, call, {}, false, [this, &call, credential, already] {
    derive(core_, call, [this, &call, credential, already]() -> absl::StatusOr<Work> {
      if (already()) return Work();
      absl::StatusOr<std::unique_ptr<LockedVault>> file = core_.session.take_file();
      if (!file.ok()) return file.status();
      auto shared = std::make_shared<std::unique_ptr<LockedVault>>(*std::move(file));
      return Work([this, &call, credential, shared]() -> Completion {
        auto opened = std::make_shared<OpenedVault>(open_vault(std::move(*shared), *credential));
        credential->secret = SecretBytes();
        return [this, &call, opened] {
          judge_credential(core_, call, opened->vault.status());
          const bool first_use = opened->vault.ok() && (*opened->vault)->first_use();
          const absl::Status status = core_.session.opened(
              std::move(opened->file), std::move(opened->vault), asked_by(call.peer()));
          call.reply().set_first_use(first_use);
          call.finish(status);
        };
      });
    });
  });
}

void SessionService::lock(Unary<v1::LockRequest, v1::LockReply>& call) {
  // Bounded: what cannot be found out in time is unknown.
  call.peer().asker->then([this, &call](const std::shared_ptr<const Asker>&) {
    call.reply().set_already_locked(!core_.session.lock(asked_by(call.peer())));
    core_.peers.drain([&call] { call.finish(absl::OkStatus()); });
  });
}

void SessionService::watch(StreamCall<v1::WatchSessionRequest, v1::SessionEvent>& call) {
  authorized(core_, call, {}, false, [this, &call] {
    if (core_.state_changes.size() >= core_.limits.watches) {
      return call.fail(make_error(Reason::kLimit, "too many programs watch the session"));
    }
    core_.session.refresh();
    auto inbox =
        core_.state_changes.join([](const StateChange&) { return true; }, [&call] { call.wake(); });
    inbox->events.push_back({core_.session.state(), "the state now"});
    call.stream([this, inbox](v1::SessionEvent& event) -> absl::StatusOr<Step> {
      // States, not steps, are what counts: a slow watcher is told the newest.
      if (std::exchange(inbox->overflowed, false)) {
        inbox->events = {{core_.session.state(), "changes came too fast; the state now"}};
      }
      if (inbox->ended) return absl::UnavailableError("the daemon is stopping");
      if (inbox->events.empty()) return Step::kWait;
      event.set_state(static_cast<v1::VaultState>(inbox->events.front().state));
      event.set_cause(inbox->events.front().cause);
      inbox->events.pop_front();
      return Step::kSend;
    });
  });
}

}  // namespace tacit
