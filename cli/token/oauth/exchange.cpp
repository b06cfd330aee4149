#include "cli/token/oauth/exchange.h"

namespace tacit::oauth {
namespace {

constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kTokenTypes = "urn:ietf:params:oauth:token-type:";
constexpr int kTries = 3;
/// Not again after this: the lease does not wait for ever.
constexpr std::chrono::seconds kTryFor{8};

/// The subject token's own fault (RFC 8693, 2.2.2 names the second for it).
bool subject_refused(const Refusal& refusal) {
  return refusal.code == "invalid_grant" || refusal.code == "invalid_request" ||
         refusal.status == 401 || refusal.status == 403;
}

Form form_for(const Server& server, const SecretBytes& subject) {
  Form form;
  form.add("grant_type", kGrant);
  form.add_secret("subject_token", subject.bytes());
  form.add("subject_token_type", std::string(kTokenTypes) + server.exchanged());
  if (const auto type = server.requested_token_type(); !type.empty()) {
    form.add("requested_token_type", type);
  }
  if (server.package_manager() || !server.recipe.exchange) return form;
  std::string scopes;
  for (const std::string& scope : server.recipe.exchange->scopes) {
    scopes += (scopes.empty() ? "" : " ") + scope;
  }
  if (!scopes.empty()) form.add("scope", scopes);
  for (const auto& [name, value] : server.recipe.exchange->parameters) form.add(name, value);
  return form;
}

}  // namespace

Outcome<TokenAnswer> exchange(const Http& http, const Server& server, const SecretBytes& subject,
                              const BreakOff& break_off) {
  const std::string endpoint = server.exchange_endpoint();
  const auto begin = Clock::now();
  for (int tried = 1;; ++tried) {
    Form form = form_for(server, subject);
    const auto asked = Clock::now();
    const Reply reply = ask(http, server, endpoint, form);
    Failure failure;
    if (const auto* body = std::get_if<SecretBytes>(&reply)) {
      auto tokens = parse_token_answer(body->bytes());
      if (tokens && !tokens->access_token.empty()) {
        tokens->asked = asked;
        return std::move(*tokens);
      }
      return Failure{RenewalFailure::kRetry,
                     named(endpoint) + " gave no answer to the exchange that can be used: " +
                         (tokens ? "`access_token` is missing" : tokens.error().message)};
    }
    if (const auto* refusal = std::get_if<Refusal>(&reply)) {
      if (refusal->status < 500 && refusal->status != 429) {
        return Failure{subject_refused(*refusal) ? RenewalFailure::kLogin : RenewalFailure::kRetry,
                       refusal->message};
      }
      failure.message = refusal->message;
    } else {
      const auto& trouble = std::get<HttpTrouble>(reply);
      if (trouble.kind == HttpTrouble::Kind::kBrokenOff) {
        return Failure{RenewalFailure::kDenied, "the exchange was broken off"};
      }
      failure.message = trouble.message;
    }
    if (tried == kTries || Clock::now() - begin > kTryFor) return failure;
    if (break_off.wait_until(Clock::now() + std::chrono::seconds(tried))) {
      return Failure{RenewalFailure::kDenied, "the exchange was broken off"};
    }
  }
}

const SecretBytes* subject_of(const TokenAnswer& tokens, const std::string& which) {
  const SecretBytes* const found = which == "id_token"        ? &tokens.id_token
                                   : which == "refresh_token" ? &tokens.refresh_token
                                   : which == "access_token"  ? &tokens.access_token
                                                              : nullptr;
  return found == nullptr || found->empty() ? nullptr : found;
}

}  // namespace tacit::oauth
