// One token for another (RFC 8693).
#pragma once
#include "cli/token/oauth/server.h"

namespace tacit::oauth {

/// Gives `subject`, of the type that the recipe says. Is tried three times where the server or the
/// way to it fails, since what was given stays good. Failures: kLogin, the server takes it no more;
/// kRetry; kDenied, broken off.
Outcome<TokenAnswer> exchange(const Http& http, const Server& server, const SecretBytes& subject,
                              const BreakOff& break_off);

/// Of the tokens that a server gave, the one to exchange. nullptr: it is not among them.
const SecretBytes* subject_of(const TokenAnswer& tokens, const std::string& which);

}  // namespace tacit::oauth
