// Where an issuer's endpoints are (OpenID Connect Discovery 1.0; RFC 8414).
#pragma once
#include <string>

#include "cli/token/oauth/http.h"
#include "cli/token/oauth/json_answer.h"
#include "cli/token/oauth/outcome.h"

namespace tacit::oauth {

/// From `ISSUER/.well-known/openid-configuration`, else RFC 8414's place. The document has to say
/// the very same issuer (RFC 8414, 3.3), and endpoints that may be spoken to.
Outcome<Metadata> discover(const Http& http, const std::string& issuer);

}  // namespace tacit::oauth
