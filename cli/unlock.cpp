// `tacit unlock`: once a session.
#include <memory>

#include "cli/command.h"
#include "cli/credential.h"
#include "cli/json.h"
#include "cli/new_vault.h"
#include "cli/session_gate.h"

namespace tacit::cli {
namespace {

struct Options {
  CredentialSource source;
  bool recovery_key = false;
};

Result<UnlockOutcome> unlock_by_recovery_key(Context& context, Terminal& terminal) {
  auto key = terminal.ask_line("Recovery key: ");
  if (!key.ok()) return key.error();
  return context.client().unlock({Credential::Kind::kRecoveryKey, std::move(*key)});
}

Result<UnlockOutcome> unlock(Context& context, const Options& options) {
  auto credential = options.source.load();
  if (!credential.ok()) return credential.error();
  if (*credential) return context.client().unlock(**credential);
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kLocked,
                 "the vault is locked and there is nobody to ask; give --passphrase-file, "
                 "--passphrase-fd, --recovery-file or --key-file, or " +
                     context.how_to_be_asked()};
  }
  return options.recovery_key ? unlock_by_recovery_key(context, *terminal)
                              : unlock_by_passphrase(context, *terminal);
}

int report(Context& context, const UnlockOutcome& outcome) {
  remark_on(context, outcome);
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("unlocked", true);
    json.member("already_unlocked", outcome.already_unlocked);
    json.member("first_use", outcome.first_use);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  return 0;
}

int run_unlock(Context& context, const Options& options) {
  const auto status = context.client().status();
  if (!status.ok()) return fail(status.error());
  switch (status->state) {
    case VaultState::kUnlocked:
      return report(context, {.already_unlocked = true});
    case VaultState::kUnusable:
      return fail({status->problem, status->problem_message});
    case VaultState::kNone: {
      // A new vault is unlocked when it is made.
      const auto open = ensure_unlocked(context);
      return open.ok() ? report(context, {}) : fail(open.error());
    }
    case VaultState::kLocked:
      break;
  }
  const auto outcome = unlock(context, options);
  return outcome.ok() ? report(context, *outcome) : fail(outcome.error());
}

}  // namespace

Action define_unlock(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->source.add_to(app);
  auto* recovery = app.add_flag("--recovery-key", options->recovery_key,
                                "Ask for the recovery key instead of the passphrase");
  for (const char* other :
       {"--passphrase-file", "--passphrase-fd", "--recovery-file", "--key-file"}) {
    recovery->excludes(app.get_option(other));
  }
  return [options](Context& context) { return run_unlock(context, *options); };
}

}  // namespace tacit::cli
