#include "cli/token/oauth/server.h"

#include "cli/token/oauth/address.h"
#include "client/cpp/base/utf8.h"  // as_bytes
#include "client/cpp/terminal/display_text.h"
#include "tacit/percent_forms.h"

namespace tacit::oauth {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

Result<void> check_address(const std::string& url) {
  const auto good = parse_address(url);
  if (!good) return good.error();
  return {};
}

std::string refusal_text(const std::string& endpoint, long status,
                         const std::optional<ErrorAnswer>& error, const Form& form) {
  std::string text = named(endpoint) + " refused";
  if (!error) {
    text += " with status " + std::to_string(status);
    if (status >= 300 && status < 400) text += ", a redirect, which is not followed";
    return text;
  }
  // A server may quote what it was sent.
  if (form.tells_in(error->code)) return text;
  text += ": " + error->code;
  if (!error->description.empty() && !form.tells_in(error->description)) {
    text += " (" + error->description + ")";
  }
  return text;
}

}  // namespace

std::string Server::device_endpoint() const {
  if (package_manager()) return joined(recipe.address, "__api__/device");
  return recipe.device_authorization_endpoint;
}

std::string Server::device_token_endpoint() const {
  if (package_manager()) return joined(recipe.address, "__api__/device_access");
  return recipe.token_endpoint;
}

std::string Server::exchange_endpoint() const {
  if (package_manager()) return joined(recipe.address, "__api__/token");
  if (recipe.exchange && !recipe.exchange->endpoint.empty()) return recipe.exchange->endpoint;
  return recipe.token_endpoint;
}

std::string Server::exchanged() const {
  if (package_manager()) return "id_token";
  if (!recipe.exchange) return {};
  return recipe.exchange->subject_token.empty() ? "access_token" : recipe.exchange->subject_token;
}

std::string Server::requested_token_type() const {
  return !package_manager() && recipe.exchange ? recipe.exchange->requested_token_type : "";
}

Result<void> check_recipe(const TokenRecipe& recipe) {
  const Error too_new{Reason::kUnsupported,
                      "the token's recipe is of a newer Tacit; bring this one up to date"};
  switch (recipe.dialect) {
    case TokenDialect::kPackageManager:
      return check_address(recipe.address);
    case TokenDialect::kStandard:
      break;
    default:
      return too_new;
  }
  switch (recipe.client_authentication) {
    case ClientAuthentication::kBasic:
    case ClientAuthentication::kPost:
      break;
    default:
      return too_new;
  }
  if (recipe.token_endpoint.empty()) {
    return Error{Reason::kInvalidArgument,
                 "the token's recipe names no token endpoint; give it one with `tacit token add "
                 "--replace --token-endpoint URL`"};
  }
  for (const std::string& url :
       {recipe.token_endpoint, recipe.device_authorization_endpoint, recipe.revocation_endpoint,
        recipe.exchange ? recipe.exchange->endpoint : std::string()}) {
    if (url.empty()) continue;
    if (auto good = check_address(url); !good) return good;
  }
  return {};
}

SecretBytes authenticate(const Server& server, Form& form) {
  if (server.package_manager()) return {};
  const std::string& id = server.recipe.client_id;
  const bool with_secret = !server.client_secret.empty();
  if (with_secret) form.guard(server.client_secret.bytes());
  if (with_secret && server.recipe.client_authentication == ClientAuthentication::kBasic) {
    // Encoded as forms are before they are joined.
    const PercentRule& rule = kPercentRules.back();
    const SecretBytes user = percent_encoded(as_bytes(id), rule, kDigits);
    const SecretBytes password = percent_encoded(server.client_secret.bytes(), rule, kDigits);
    return basic_authorization(user.bytes(), password.bytes());
  }
  if (!id.empty()) form.add("client_id", id);
  if (with_secret) form.add_secret("client_secret", server.client_secret.bytes());
  return {};
}

Reply ask(const Http& http, const Server& server, const std::string& endpoint, Form& form,
          bool may_break_off) {
  const SecretBytes authorization = authenticate(server, form);
  auto outcome = http.post(endpoint, form.body(), authorization.bytes(), may_break_off);
  if (auto* trouble = std::get_if<HttpTrouble>(&outcome)) return std::move(*trouble);
  auto& answer = std::get<HttpAnswer>(outcome);
  if (answer.status == 200) return std::move(answer.body);
  const auto error = parse_error_answer(answer.body.bytes());
  Refusal refusal{error ? error->code : "", answer.status, ""};
  refusal.message = refusal_text(endpoint, answer.status, error, form);
  return refusal;
}

std::string named(const std::string& endpoint) {
  const auto address = parse_address(endpoint);
  return address ? visible(address->host) : "the server";
}

}  // namespace tacit::oauth
