#include "cli/token/oauth/revoke.h"

namespace tacit::oauth {

Outcome<bool> revoke(const Http& http, const Server& server, const SecretBytes& token,
                     std::string_view hint) {
  Form form;
  form.add_secret("token", token.bytes());
  form.add("token_type_hint", hint);
  const Reply reply = ask(http, server, server.recipe.revocation_endpoint, form);
  if (std::holds_alternative<SecretBytes>(reply)) return true;
  const auto* refusal = std::get_if<Refusal>(&reply);
  return Failure{RenewalFailure::kRetry,
                 refusal != nullptr ? refusal->message : std::get<HttpTrouble>(reply).message};
}

}  // namespace tacit::oauth
