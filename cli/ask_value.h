// Ask and remember: a secret that is not there is asked for once and stored.
#pragma once
#include <string>

#include "cli/context.h"

namespace tacit::cli {

/// For a `reference` that was kNotFound, to a whole item at its newest version. Asked by the
/// prompter, else on the terminal; `prompt` is what the user is told to type, empty: the name.
/// Whoever stored first wins: that value is returned. Errors: kUserDenied or kCancelled, nothing
/// was given and nothing stored; kNoPrompter, nobody can be asked.
Result<SecretBytes> ask_and_store(Context& context, const Reference& reference,
                                  const std::string& prompt);

/// An error (kInvalidArgument) if `--ask` cannot be kept for it.
Result<void> may_be_asked_for(const Reference& reference);

}  // namespace tacit::cli
