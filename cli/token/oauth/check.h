// Whether a token without an expiry is good still.
#pragma once
#include "cli/token/oauth/server.h"

namespace tacit::oauth {

/// GET of the recipe's URL with Basic authorisation: no for 401, 403 and 5xx. Failure kRetry: no
/// answer came.
Outcome<bool> is_good(const Http& http, const TokenRecipe& recipe, const SecretBytes& access_token);

}  // namespace tacit::oauth
