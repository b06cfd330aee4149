// Asking the user for a secret's value on the terminal.
#pragma once
#include <string_view>

#include "client/cpp/terminal/terminal.h"

namespace tacit {

/// A value typed twice without being shown, until both are the same; three tries. Errors:
/// kUserDenied, nothing was typed, or never the same twice; those of Terminal.
Result<SecretBytes> ask_value_twice(Terminal& terminal, std::string_view question);

/// The same for an item that is not there: `prompt` is what the user is to type, empty: `name`.
/// Both are shown without tricks.
Result<SecretBytes> ask_missing_value(Terminal& terminal, std::string_view name,
                                      std::string_view prompt);

}  // namespace tacit
