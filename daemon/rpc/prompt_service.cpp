#include "daemon/rpc/prompt_service.h"

#include <deque>
#include <utility>

#include "daemon/access/shown.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/question_convert.h"
#include "daemon/session/open_vault.h"
#include "tacit/reference.h"

namespace tacit {
namespace {

constexpr int kMaxItems = 1000;
constexpr std::size_t kMessagesWaiting = 64;
constexpr std::size_t kMeansBytes = 64;

ProcessName name_of(const Peer& peer) {
  return {peer.process->key.pid, peer.process->key.start_time};
}

/// Something happened to the user's prompter.
void note_event(Audit& audit, const std::shared_ptr<const Asker>& who, const std::string& event) {
  AuditEntry entry;
  entry.asker = who;
  entry.method = "Access.Prompt";
  entry.verdict = AuditVerdict::kEvent;
  entry.event = event;
  audit.note(entry).IgnoreError();  // it happened all the same
}

/// What a prompter has still to be told. Its registration ends with it.
struct Outbox {
  Outbox(Core& core, std::shared_ptr<const Asker> asker, std::function<void()> waker)
      : audit(core.audit), desk(core.prompts), who(std::move(asker)), wake(std::move(waker)) {}
  ~Outbox() {
    if (registration == 0) return;
    note_event(audit, who, "the prompter ended");
    desk.prompter_gone(registration);
  }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void put(PromptMessage message) {
    if (const auto* gone = std::get_if<WithdrawnQuestion>(&message); gone && !messages.empty()) {
      const auto* last = std::get_if<AskedQuestion>(&messages.back());
      if (last != nullptr && last->id == gone->id) return messages.pop_back();  // never seen
    }
    const bool notice = std::holds_alternative<PromptNotice>(message);
    if (notice && messages.size() >= kMessagesWaiting) return;
    messages.push_back(std::move(message));
    wake();
  }

  Audit& audit;
  PromptDesk& desk;
  const std::shared_ptr<const Asker> who;
  std::function<void()> wake;
  PromptDesk::Registration registration = 0;
  std::deque<PromptMessage> messages;
};

/// Checks a credential against the vault's slots on the worker and opens nothing. `then` gets the
/// outcome on the vault thread and finishes the call; an error before that fails it.
template <class CallType, class Begin, class Then>
void check_credential(Core& core, CallType& call, Credential credential, Begin begin, Then then) {
  auto given = std::make_shared<Credential>(std::move(credential));
  derive(core, call, [&core, &call, given, begin, then]() -> absl::StatusOr<Work> {
    const std::optional<VaultId> vault_id = core.session.vault_id();
    if (!vault_id) {
      return make_error(Reason::kVaultBusy,
                        "the vault cannot check a credential now: there is none, or it is being "
                        "opened; try again");
    }
    begin();
    return Work(
        [&core, &call, given, then, slots = core.session.slots(), id = *vault_id]() -> Completion {
          const absl::Status checked = open_slot(*given, slots, id).status();
          given->secret = SecretBytes();
          return [&core, &call, then, checked] {
            judge_credential(core, call, checked);
            then(checked);
          };
        });
  });
}

}  // namespace

PromptService::PromptService(Core& core, Server& server, AccessRpc& rpc) : core_(core) {
  server.add(rpc.service, {"Access.Prompt", 2, true}, this, &PromptService::prompt);
  server.add(rpc.service, {"Access.Answer", 2, true}, this, &PromptService::answer);
  server.add(rpc.service, {"Access.Ask", 4, true}, this, &PromptService::ask);
}

// ---- Prompt.

void PromptService::prompt(PromptCall& call) {
  std::shared_ptr<Credential> credential;
  if (call.request().has_credential()) {
    absl::StatusOr<Credential> given = credential_from(*call.request().mutable_credential());
    if (!given.ok()) return call.fail(given.status());
    credential = std::make_shared<Credential>(*std::move(given));
  }
  call.peer().asker->then([this, &call, credential](std::shared_ptr<const Asker> asker) {
    const absl::Status may = core_.prompts.may_register(*asker);
    if (!may.ok()) {
      note_denied(core_, call, asker->agent() ? "agent" : "another prompter");
      return call.fail(may);
    }
    if (core_.access.narrowed(*asker)) {
      note_denied(core_, call, "narrowed");
      return call.fail(make_error(Reason::kPolicyDenied,
                                  "a prompter cannot run where access was narrowed; start "
                                  "it elsewhere"));
    }
    if (!credential) return register_prompter(call, asker, false);
    check_credential(
        core_, call, std::move(*credential), [] {},
        [this, &call, asker](const absl::Status& checked) {
          if (!checked.ok()) return call.fail(checked);
          register_prompter(call, asker, true);
        });
  });
}

void PromptService::register_prompter(PromptCall& call, const std::shared_ptr<const Asker>& asker,
                                      bool proven) {
  auto outbox = std::make_shared<Outbox>(core_, asker, [&call] { call.wake(); });
  // The desk holds no share of it: its end is the stream's.
  const auto registered = core_.prompts.register_prompter(
      name_of(call.peer()), asker, proven,
      [box = outbox.get()](PromptMessage message) { box->put(std::move(message)); });
  if (!registered.ok()) {
    const bool refused = reason_of(registered.status()) == Reason::kPolicyDenied;
    if (refused) note_denied(core_, call, "another prompter");
    return call.fail(registered.status());
  }
  outbox->registration = *registered;
  note_event(core_.audit, asker,
             "a prompter registered, " +
                 (call.request().means().empty() ? "by means it does not tell"
                                                 : shown(call.request().means(), kMeansBytes)) +
                 (proven ? ", proven by a credential" : ", without a credential"));
  call.stream(
      [outbox, proven, first = true](v1::PromptEvent& event) mutable -> absl::StatusOr<Step> {
        if (std::exchange(first, false)) {
          event.mutable_registered()->set_proven(proven);
          return Step::kSend;
        }
        if (outbox->messages.empty()) return Step::kWait;
        const PromptMessage message = std::move(outbox->messages.front());
        outbox->messages.pop_front();
        if (std::holds_alternative<PromptEnd>(message)) {
          return absl::UnavailableError("the daemon is stopping");
        }
        fill(message, event);
        return Step::kSend;
      });
}

// ---- Answer.

void PromptService::answer(AnswerCall& call) {
  call.peer().asker->then([this, &call](const std::shared_ptr<const Asker>& asker) {
    if (!asker->agent()) return take_answer(call);
    note_denied(core_, call, "agent");
    call.fail(
        make_error(Reason::kPolicyDenied, "a coding agent's program cannot answer for the user"));
  });
}

void PromptService::take_answer(AnswerCall& call) {
  v1::AnswerRequest& request = call.request();
  const std::uint64_t id = request.question_id();
  const auto question = core_.prompts.answerable(id, name_of(call.peer()));
  if (!question.ok()) return call.fail(question.status());
  const QuestionKind kind = question->asked.question.kind;
  if (!request.failure().empty()) {
    if (question->on_terminal) {
      core_.access.note_answer(question->asked.question, "terminal: failed", false);
      core_.prompts.finish_on_terminal(id);
    } else {
      core_.prompts.failed(id, shown(request.failure()));
    }
    return call.finish(absl::OkStatus());
  }
  const auto decision = static_cast<Decision>(request.decision());
  if (!v1::Decision_IsValid(request.decision()) ||
      (decision == Decision::kSession && !question->asked.question.for_session())) {
    return call.fail(make_error(Reason::kInvalidArgument, "that is no answer to this question"));
  }
  // Nobody but the user says no for good: without a proof it is a no for this time.
  const bool for_good = kind == QuestionKind::kConsent && decision == Decision::kDenyAlways;
  const bool unproven = question->asked.needs_credential && !request.has_credential();
  if (for_good && unproven) request.set_decision(v1::DECISION_DENY);
  const bool yes = decision == Decision::kOnce || decision == Decision::kSession;
  if (!yes && (!for_good || unproven)) return settle(call);
  if (kind == QuestionKind::kUnlock || question->asked.needs_credential) {
    if (!request.has_credential()) {
      return again(call, "the passphrase is needed for a yes");
    }
    absl::StatusOr<Credential> credential = credential_from(*request.mutable_credential());
    if (!credential.ok()) return again(call, std::string(credential.status().message()));
    const absl::Status wait = core_.backoff.check(call.peer().process->key, core_.clock.now());
    if (!wait.ok()) return again(call, std::string(wait.message()));
    if (kind == QuestionKind::kUnlock) return unlock_with(call, *std::move(credential));
    return prove_with(call, *std::move(credential));
  }
  settle(call);
}

void PromptService::unlock_with(AnswerCall& call, Credential credential) {
  const std::uint64_t id = call.request().question_id();
  auto given = std::make_shared<Credential>(std::move(credential));
  derive(core_, call, [this, &call, given, id]() -> absl::StatusOr<Work> {
    if (core_.session.state() == VaultState::kUnlocked) {
      call.finish(absl::OkStatus());
      return Work();
    }
    absl::StatusOr<std::unique_ptr<LockedVault>> file = core_.session.take_file();
    if (!file.ok()) return file.status();
    core_.prompts.checking(id);
    auto shared = std::make_shared<std::unique_ptr<LockedVault>>(*std::move(file));
    return Work([this, &call, given, shared, id]() -> Completion {
      auto opened = std::make_shared<OpenedVault>(open_vault(std::move(*shared), *given));
      given->secret = SecretBytes();
      return [this, &call, opened, id] {
        judge_credential(core_, call, opened->vault.status());
        if (opened->vault.ok()) core_.prompts.prove(id);
        const absl::Status status = core_.session.opened(
            std::move(opened->file), std::move(opened->vault), "asked by the user's prompter");
        // Who waited went on when the state changed.
        if (status.ok()) return call.finish(status);
        if (reason_of(status) == Reason::kWrongCredential) {
          return again(call, std::string(status.message()));
        }
        core_.prompts.decide(id, status);
        call.fail(status);
      };
    });
  });
}

void PromptService::prove_with(AnswerCall& call, Credential credential) {
  const std::uint64_t id = call.request().question_id();
  check_credential(
      core_, call, std::move(credential), [this, id] { core_.prompts.checking(id); },
      [this, &call, id](const absl::Status& checked) {
        if (!checked.ok()) {
          if (reason_of(checked) == Reason::kWrongCredential) {
            return again(call, std::string(checked.message()));
          }
          (void)core_.prompts.ask_again(id, "");
          return call.fail(checked);
        }
        core_.prompts.prove(id);
        const std::optional<AskedQuestion> now = core_.prompts.ask_again(id, "");
        if (!now) {
          return call.fail(make_error(Reason::kNotFound, "the question was withdrawn meanwhile"));
        }
        // Only now may it be told what is to be typed.
        if (now->question.kind == QuestionKind::kValue && call.request().value().empty()) {
          fill(*now, *call.reply().mutable_again());
          return call.finish(absl::OkStatus());
        }
        settle(call);
      });
}

void PromptService::again(AnswerCall& call, const std::string& error) {
  const auto asked = core_.prompts.ask_again(call.request().question_id(), error);
  if (asked) {
    fill(*asked, *call.reply().mutable_again());
    return call.finish(absl::OkStatus());
  }
  call.fail(make_error(Reason::kNotFound, "the question was withdrawn meanwhile"));
}

void PromptService::settle(AnswerCall& call) {
  v1::AnswerRequest& request = call.request();
  const std::uint64_t id = request.question_id();
  const auto question = core_.prompts.answerable(id, name_of(call.peer()));
  if (!question.ok()) return call.fail(question.status());
  const Question& asked = question->asked.question;
  Reply reply;
  reply.decision = static_cast<Decision>(request.decision());
  const bool yes = reply.decision == Decision::kOnce || reply.decision == Decision::kSession;
  if (question->on_terminal) {
    core_.prompts.finish_on_terminal(id);
    return call.finish(core_.access.settle(asked, reply.decision));
  }
  if (asked.kind == QuestionKind::kConsent || (yes && asked.kind == QuestionKind::kLogin)) {
    core_.prompts.decide(id, std::move(reply));
    return call.finish(absl::OkStatus());
  }
  if (!yes) {
    core_.prompts.decide(id, make_error(Reason::kUserDenied, "the user refused"));
    return call.finish(absl::OkStatus());
  }
  std::string& value = *request.mutable_value();
  if (value.size() > kMaxValueBytes) {
    return again(call, "a value has at most 768 KiB");
  }
  if (value.empty()) {
    core_.prompts.decide(
        id, make_error(Reason::kUserDenied, "the answer was empty, which is never stored"));
    return call.finish(absl::OkStatus());
  }
  reply.value =
      SecretBytes::absorb(std::span(reinterpret_cast<unsigned char*>(value.data()), value.size()));
  value.clear();
  core_.prompts.decide(id, std::move(reply));
  call.finish(absl::OkStatus());
}

// ---- Ask.

void PromptService::ask(AskCall& call) {
  const v1::AskRequest& request = call.request();
  const auto invalid = [&](const std::string& message) {
    call.fail(make_error(Reason::kInvalidArgument, message));
  };
  if (request.items_size() < 1 || request.items_size() > kMaxItems) {
    return invalid("1 to 1,000 items can be asked about, these are " +
                   std::to_string(request.items_size()));
  }
  if (request.verb() != v1::VERB_LIST && request.verb() != v1::VERB_READ &&
      request.verb() != v1::VERB_WRITE) {
    return invalid("only listing, reading and writing can be asked about");
  }
  if (request.versions_size() != 0 && request.versions_size() != request.items_size()) {
    return invalid("versions are given for each of the items or for none");
  }
  if (request.lifetime_ms() < 0 ||
      (request.lifetime_ms() != 0 && request.verb() != v1::VERB_READ)) {
    return invalid("a lifetime is for reading, and not negative");
  }
  auto items = std::make_shared<std::vector<ItemName>>();
  for (const v1::ItemRef& item : request.items()) {
    v1::ItemRef named = item;
    if (item.name().empty()) named.set_name("everything");
    absl::StatusOr<ItemName> where = item_name_from(named);
    if (!where.ok()) return call.fail(where.status());
    where->name = item.name();
    items->push_back(*std::move(where));
  }
  call.peer().asker->then([this, &call, items](const std::shared_ptr<const Asker>& asker) {
    if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
      return call.fail(gate.status());
    }
    // The call itself asks the prompter.
    if (core_.prompts.can_ask(*asker)) return call.finish(absl::OkStatus());
    const v1::AskRequest& about = call.request();
    const std::vector<std::uint64_t> versions(about.versions().begin(), about.versions().end());
    auto question = core_.access.question_for(
        asker, {.verb = static_cast<Verb>(static_cast<int>(about.verb())),
                .items = *items,
                .versions = versions,
                .lifetime = std::chrono::milliseconds(about.lifetime_ms())});
    if (!question.ok() || !question->has_value()) return call.finish(question.status());
    const auto asked = core_.prompts.ask_on_terminal(name_of(call.peer()), **std::move(question));
    if (!asked.ok()) return call.fail(asked.status());
    fill(*asked, *call.reply().mutable_question());
    call.finish(absl::OkStatus());
  });
}

}  // namespace tacit
