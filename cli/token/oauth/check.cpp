#include "cli/token/oauth/check.h"

#include "client/cpp/base/utf8.h"  // as_bytes

namespace tacit::oauth {

Outcome<bool> is_good(const Http& http, const TokenRecipe& recipe,
                      const SecretBytes& access_token) {
  const SecretBytes authorization =
      basic_authorization(as_bytes(recipe.check_username), access_token.bytes());
  const auto outcome = http.get(recipe.check_url, authorization.bytes());
  if (const auto* trouble = std::get_if<HttpTrouble>(&outcome)) {
    // A page of any size is an answer.
    if (trouble->kind == HttpTrouble::Kind::kTooLarge) return true;
    return Failure{RenewalFailure::kRetry, trouble->message};
  }
  const long status = std::get<HttpAnswer>(outcome).status;
  return status != 401 && status != 403 && status < 500;
}

}  // namespace tacit::oauth
