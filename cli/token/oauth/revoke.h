// Giving a token up at its server (RFC 7009).
#pragma once
#include "cli/token/oauth/server.h"

namespace tacit::oauth {

/// `hint` is `refresh_token` or `access_token`. What it says is good for nothing afterwards: a
/// server that knows no such token says yes as well.
Outcome<bool> revoke(const Http& http, const Server& server, const SecretBytes& token,
                     std::string_view hint);

}  // namespace tacit::oauth
