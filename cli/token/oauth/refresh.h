// A new access token by the refresh token (RFC 6749, 6).
#pragma once
#include "cli/token/oauth/server.h"

namespace tacit::oauth {

/// Is not broken off once it has begun: what came of it has to be known. Without `refresh_token` in
/// the answer the one that was sent stays good. Failures: kLogin, the server says that it is good
/// no more; kInDoubt, it may have been used up; kRetry, it was not.
Outcome<TokenAnswer> refresh(const Http& http, const Server& server,
                             const SecretBytes& refresh_token);

}  // namespace tacit::oauth
