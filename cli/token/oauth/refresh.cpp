#include "cli/token/oauth/refresh.h"

namespace tacit::oauth {
namespace {

constexpr std::string_view kDoubt =
    "; whether the refresh token was used up is not known, so that it is not sent again";

Failure of(const Refusal& refusal) {
  if (refusal.code == "invalid_grant") {
    return {RenewalFailure::kLogin, refusal.message + "; the refresh token is good no more"};
  }
  // Refused before anything was done with it: by the protocol's own word, or as too busy.
  const bool untouched = (refusal.status < 500 && refusal.status >= 300) || refusal.status == 503 ||
                         refusal.code == "temporarily_unavailable";
  if (untouched) return {RenewalFailure::kRetry, refusal.message};
  return {RenewalFailure::kInDoubt, refusal.message + std::string(kDoubt)};
}

}  // namespace

Outcome<TokenAnswer> refresh(const Http& http, const Server& server,
                             const SecretBytes& refresh_token) {
  const std::string& endpoint = server.recipe.token_endpoint;
  Form form;
  form.add("grant_type", "refresh_token");
  form.add_secret("refresh_token", refresh_token.bytes());
  for (const auto& [name, value] : server.recipe.parameters) form.add(name, value);
  const auto asked = Clock::now();
  const Reply reply = ask(http, server, endpoint, form, false);
  if (const auto* trouble = std::get_if<HttpTrouble>(&reply)) {
    if (!trouble->may_have_sent) return Failure{RenewalFailure::kRetry, trouble->message};
    return Failure{RenewalFailure::kInDoubt, trouble->message + std::string(kDoubt)};
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply)) return of(*refusal);
  auto tokens = parse_token_answer(std::get<SecretBytes>(reply).bytes());
  if (!tokens) {
    return Failure{RenewalFailure::kInDoubt,
                   named(endpoint) + " gave no answer that can be used: " + tokens.error().message +
                       std::string(kDoubt)};
  }
  tokens->asked = asked;
  return std::move(*tokens);
}

}  // namespace tacit::oauth
