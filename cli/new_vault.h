// Making a vault: the dialogue of `tacit init`, also offered by other verbs where there is none.
#pragma once
#include <string>

#include "cli/context.h"

namespace tacit::cli {

struct NewVaultOptions {
  std::string passphrase_file;
  int passphrase_fd = -1;
  std::string key_file;       ///< also make a slot for this file
  std::string recovery_file;  ///< write the recovery key there instead of showing it
};

/// What was made; the vault is left unlocked.
struct NewVault {
  bool recovery_key = false;
  bool recovery_key_confirmed = false;
};

/// Asks for what the options do not give. Errors: kVaultExists, kInvalidArgument (nobody to ask
/// and no passphrase given), kCancelled, and those of Client::create.
Result<NewVault> make_vault(Context& context, const NewVaultOptions& options);

/// Shows the recovery key on the terminal and asks for two of its groups; Enter alone skips.
/// True: they were right, and the daemon was told. Needs a terminal.
Result<bool> hand_over_recovery_key(Context& context, const SecretBytes& key);

}  // namespace tacit::cli
