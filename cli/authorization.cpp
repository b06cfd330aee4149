#include "cli/authorization.h"

#include "cli/session_gate.h"

namespace tacit::cli {

Result<std::optional<Credential>> open_with(Context& context, const CredentialSource& source) {
  auto given = source.load();
  if (!given.ok()) return given;
  if (*given) {
    const auto status = context.client().status();
    if (!status.ok()) return status.error();
    if (status->state == VaultState::kLocked) {
      const auto unlocked = context.client().unlock(**given);
      if (!unlocked.ok()) return unlocked.error();
      remark_on(context, *unlocked);
      return given;
    }
  }
  if (const auto open = ensure_unlocked(context); !open.ok()) return open.error();
  return given;
}

Result<Credential> authorize(Context& context, const CredentialSource& source) {
  auto given = open_with(context, source);
  if (!given.ok()) return given.error();
  return *given ? std::move(**given) : ask_authorization(context);
}

Result<Credential> ask_authorization(Context& context) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kInvalidArgument,
                 "this needs a passphrase again and there is nobody to ask; give "
                 "--passphrase-file, --passphrase-fd, --recovery-file or --key-file, or " +
                     context.how_to_be_asked()};
  }
  auto passphrase = terminal->ask_secret("Passphrase for the vault: ");
  if (!passphrase.ok()) return passphrase.error();
  if (passphrase->empty()) {
    return Error{Reason::kCancelled, "no passphrase was given; nothing was done"};
  }
  return Credential{Credential::Kind::kPassphrase, std::move(*passphrase)};
}

Result<SecretBytes> new_passphrase(Context& context, const std::string& file, int fd) {
  if (!file.empty() || fd >= 0) {
    auto passphrase = file.empty() ? read_passphrase_fd(fd) : read_passphrase_file(file);
    if (passphrase.ok()) {
      if (const auto hint = weakness(passphrase->bytes()); !hint.empty())
        remark("warning: " + hint);
    }
    return passphrase;
  }
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{
        Reason::kInvalidArgument,
        "a new passphrase is needed and there is nobody to ask; give it by file or descriptor "
        "(see --help), or " +
            context.how_to_be_asked()};
  }
  return ask_new_passphrase(*terminal, "New passphrase");
}

}  // namespace tacit::cli
