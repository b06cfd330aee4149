#include "cli/new_vault.h"

#include <utility>
#include <vector>

#include "cli/authorization.h"
#include "cli/input.h"
#include "cli/recovery_groups.h"

namespace tacit::cli {
namespace {

std::string ordinal_question(std::size_t index, std::size_t count) {
  return "Group " + std::to_string(index + 1) + " of " + std::to_string(count) + " (Enter skips): ";
}

}  // namespace

Result<bool> hand_over_recovery_key(Context& context, const SecretBytes& key) {
  Terminal& terminal = *context.terminal();
  terminal.say(
      "\nThe recovery key opens the vault when the passphrase is forgotten. It is shown "
      "this once;\nwrite it down and keep it away from this machine:\n\n    ");
  terminal.say(key.bytes());
  terminal.say("\n\n");
  const auto groups = recovery_groups(key.bytes());
  if (groups.size() < 2) return false;
  for (const std::size_t index : pick_two(groups.size())) {
    const auto group = key.bytes().subspan(groups[index].offset, groups[index].size);
    constexpr int kTries = 3;
    bool right = false;
    for (int attempt = 0; attempt < kTries && !right; ++attempt) {
      auto typed = terminal.ask_line(ordinal_question(index, groups.size()));
      if (!typed.ok() && typed.error().code != Reason::kCancelled) return typed.error();
      if (!typed.ok() || typed->empty()) {
        terminal.say("Skipped; `tacit status` will remind you.\n");
        return false;
      }
      right = group_matches(group, typed->bytes());
      if (!right) terminal.say("That is not what is written there.\n");
    }
    if (!right) {
      terminal.say("Not confirmed; `tacit status` will remind you.\n");
      return false;
    }
  }
  auto told = context.client().confirm_recovery_key();
  if (!told.ok()) return told.error();
  terminal.say("Both are right.\n");
  return true;
}

Result<NewVault> make_vault(Context& context, const NewVaultOptions& options) {
  auto status = context.client().status();
  if (!status.ok()) return status.error();
  if (status->state != VaultState::kNone) {
    const std::string why = status->problem_message.empty() ? "" : ": " + status->problem_message;
    return Error{Reason::kVaultExists, "there is a vault already in " + status->vault_path + why +
                                           "; it is never replaced"};
  }

  std::vector<Credential> credentials;
  const bool passphrase_given = !options.passphrase_file.empty() || options.passphrase_fd >= 0;
  if (passphrase_given || options.key_file.empty() || context.terminal() != nullptr) {
    if (!passphrase_given && context.terminal() != nullptr) {
      context.terminal()->say("The passphrase opens the vault. Nobody can tell it to you again.\n");
    }
    auto passphrase = new_passphrase(context, options.passphrase_file, options.passphrase_fd);
    if (!passphrase.ok()) return passphrase.error();
    credentials.push_back({Credential::Kind::kPassphrase, std::move(*passphrase)});
  }
  if (!options.key_file.empty()) {
    auto key = read_key_file(options.key_file);
    if (!key.ok()) return key.error();
    credentials.push_back({Credential::Kind::kKeyFile, std::move(*key)});
  }

  ReservedFile recovery_file(options.recovery_file);
  const bool to_file = !options.recovery_file.empty();
  const bool to_terminal = !to_file && !passphrase_given && context.terminal() != nullptr;
  if (to_file) {
    auto created = recovery_file.create();
    if (!created.ok()) return created.error();
  }
  auto key = context.client().create(credentials, to_file || to_terminal);
  if (!key.ok()) return key.error();

  NewVault made;
  made.recovery_key = !key->empty();
  if (to_file) {
    auto filled = recovery_file.fill_line(*key);
    if (!filled.ok()) {
      return Error{filled.error().code, filled.error().message +
                                            "; the vault was made without a recovery key in "
                                            "hand: run `tacit slot add recovery-key`"};
    }
    auto told = context.client().confirm_recovery_key();
    if (!told.ok()) return told.error();
    made.recovery_key_confirmed = true;
  } else if (to_terminal) {
    auto confirmed = hand_over_recovery_key(context, *key);
    if (!confirmed.ok()) return confirmed.error();
    made.recovery_key_confirmed = *confirmed;
  }
  return made;
}

}  // namespace tacit::cli
