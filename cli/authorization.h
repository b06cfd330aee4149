// Credentials for verbs that change how the vault opens: asked again, whoever asks.
#pragma once
#include "cli/context.h"
#include "cli/credential.h"

namespace tacit::cli {

/// What the options tell, if anything, and the vault open: by that credential if it was locked.
Result<std::optional<Credential>> open_with(Context& context, const CredentialSource& source);

/// The passphrase asked for on the terminal. Errors: kInvalidArgument, nobody to ask; kCancelled.
Result<Credential> ask_authorization(Context& context);

/// `open_with`, and where the options tell nothing `ask_authorization`.
Result<Credential> authorize(Context& context, const CredentialSource& source);

/// A new passphrase from a file (if not empty), a descriptor (if not negative) or the terminal,
/// with a remark on a weak one. Errors as above.
Result<SecretBytes> new_passphrase(Context& context, const std::string& file, int fd);

}  // namespace tacit::cli
