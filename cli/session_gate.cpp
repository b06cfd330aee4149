#include "cli/session_gate.h"

#include <algorithm>
#include <utility>

#include "cli/new_vault.h"
#include "cli/terminal_consent.h"

namespace tacit::cli {
namespace {

Error locked() {
  return {Reason::kLocked, "the vault is locked; run `tacit unlock` on a terminal first"};
}

Error no_vault() {
  return {Reason::kNoVault, "there is no vault yet; run `tacit init` to make one"};
}

bool opens_by(const DaemonStatus& status, SlotKind kind) {
  return std::ranges::find(status.slot_kinds, kind) != status.slot_kinds.end();
}

Result<void> mend_locked(Context& context) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) return locked();
  auto status = context.client().status();
  if (!status.ok()) return status.error();
  if (!status->slot_kinds.empty() && !opens_by(*status, SlotKind::kPassphrase)) {
    return Error{Reason::kLocked,
                 "the vault is locked and has no passphrase; run `tacit unlock --key-file FILE` "
                 "or `tacit unlock --recovery-key`"};
  }
  auto unlocked = unlock_by_passphrase(context, *terminal);
  if (!unlocked.ok()) return unlocked.error();
  remark_on(context, *unlocked);
  return {};
}

Result<void> mend_missing(Context& context) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) return no_vault();
  auto wanted = terminal->confirm("There is no vault yet. Make one now?", true);
  if (!wanted.ok()) return wanted.error();
  if (!*wanted) return no_vault();
  auto made = make_vault(context, {});
  if (!made.ok()) return made.error();
  return {};
}

/// The user has to be asked. The prompter comes first: it was proven, and no program can draw over
/// it or answer in its place.
Result<void> mend_unasked(Context& context, const Use& use, const Error& error, bool& retried) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{error.code, error.message + "; or " + context.how_to_be_asked()};
  }
  const auto status = context.client().status();
  if (!status.ok()) return status.error();
  if (status->prompter != PrompterState::kNone && context.use_prompter()) return {};
  if (use.items.empty()) return error;
  auto question = context.client().ask(use);
  if (!question.ok()) return question.error();
  if (!*question) {
    // A prompter has come, or a grant: the call goes through now.
    return std::exchange(retried, true) ? Result<void>(error) : Result<void>();
  }
  return settle_on_terminal(context.client(), *terminal, std::move(**question));
}

}  // namespace

Result<UnlockOutcome> unlock_by_passphrase(Context& context, Terminal& terminal) {
  constexpr int kTries = 3;
  for (int attempt = 1;; ++attempt) {
    auto passphrase = terminal.ask_secret("Passphrase for the vault: ");
    if (!passphrase.ok()) return passphrase.error();
    if (passphrase->empty()) {
      return Error{Reason::kCancelled, "no passphrase was given; the vault stays locked"};
    }
    auto unlocked =
        context.client().unlock({Credential::Kind::kPassphrase, std::move(*passphrase)});
    if (unlocked.ok() || unlocked.error().code != Reason::kWrongCredential) return unlocked;
    if (attempt == kTries) {
      return Error{Reason::kWrongCredential,
                   "wrong passphrase, three times; `tacit unlock --recovery-key` opens the vault "
                   "when it is forgotten"};
    }
    terminal.say("Wrong passphrase, try again.\n");
  }
}

void remark_on(Context& context, const UnlockOutcome& outcome) {
  const auto status = context.client().status();
  if (status.ok() && !status->problem_message.empty()) complain(status->problem_message);
  if (outcome.first_use) {
    remark(
        "first use of this vault on this machine: whether it is the newest copy could not be "
        "checked");
  }
}

Use use_of(Verb verb, const Reference& reference) { return use_of(verb, {&reference, 1}); }

Use use_of(Verb verb, std::span<const Reference> references) {
  Use use{.verb = verb};
  for (const Reference& each : references) {
    use.items.push_back({each.collection, each.name});
    use.versions.push_back(each.version);
  }
  return use;
}

bool stands_before_all(Context& context, const Error& error) {
  return error.code == Reason::kLocked || error.code == Reason::kNoVault ||
         (error.code == Reason::kNoPrompter && context.terminal() != nullptr);
}

Result<void> mend(Context& context, const Use& use, const Error& error, bool& retried) {
  switch (error.code) {
    case Reason::kLocked:
      return mend_locked(context);
    case Reason::kNoVault:
      return mend_missing(context);
    case Reason::kNoPrompter:
      return mend_unasked(context, use, error, retried);
    default:
      return error;
  }
}

Result<void> ensure_unlocked(Context& context) {
  return with_session(context, [](Client& client) -> Result<void> {
    auto status = client.status();
    if (!status.ok()) return status.error();
    switch (status->state) {
      case VaultState::kUnlocked:
        return {};
      case VaultState::kLocked:
        return locked();
      case VaultState::kNone:
        return no_vault();
      case VaultState::kUnusable:
        break;
    }
    return Error{status->problem, status->problem_message};
  });
}

}  // namespace tacit::cli
