#include "cli/authorization.h"

namespace tacit::cli {

Result<Credential> authorize(Context& context, const CredentialSource& source) {
  auto given = source.load();
  if (!given.ok()) return given.error();
  if (*given) return std::move(**given);
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    return Error{Reason::kInvalidArgument,
                 "this needs a passphrase again and there is nobody to ask; give "
                 "--passphrase-file, --passphrase-fd, --recovery-file or --key-file"};
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
    return Error{Reason::kInvalidArgument,
                 "a new passphrase is needed and there is nobody to ask; run this on a terminal, "
                 "or give the passphrase by file or descriptor (see --help)"};
  }
  return ask_new_passphrase(*terminal, "New passphrase");
}

}  // namespace tacit::cli
