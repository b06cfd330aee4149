// Letting the user log in for a token.
#pragma once
#include "cli/context.h"

namespace tacit::cli {

/// On the terminal, else by the prompter. Returns the version stored. Errors: as of
/// Client::renew_token.
Result<std::uint64_t> log_in(Context& context, const Reference& reference, bool browser);

}  // namespace tacit::cli
