#include "cli/token/recipe_options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/time_text.h"
#include "client/cpp/terminal/display_text.h"
#include "tacit/package_manager.h"
#include "tacit/service_url.h"

namespace tacit::cli {
namespace {

Error wrong(const std::string& message) { return {Reason::kInvalidArgument, message}; }

/// Its trimmed path, from the root. Empty stays so.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

bool is_loopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24U) == 127;
  }
  return host == "localhost" || host == "[::1]";
}

Result<void> check_url(std::string_view option, const std::string& url) {
  if (url.empty()) return {};
  const auto parsed = parse_service_url(url);
  if (!parsed || parsed->scheme.empty()) {
    return wrong(std::string(option) + " needs a URL of https; `" + visible(url) + "` is none");
  }
  if (parsed->scheme == "https" || is_loopback(parsed->host)) return {};
  return wrong(std::string(option) +
               " needs https: over plain http everybody on the way could read the token");
}

Result<TokenParameters> parse_parameters(std::string_view option,
                                         const std::vector<std::string>& texts) {
  TokenParameters out;
  for (const std::string& text : texts) {
    const std::size_t sign = text.find('=');
    if (sign == 0 || sign == std::string::npos) {
      return wrong(std::string(option) + " needs NAME=VALUE");
    }
    out.emplace_back(text.substr(0, sign), text.substr(sign + 1));
  }
  return out;
}

Result<void> check_urls(const RecipeOptions& options) {
  const std::array<std::pair<std::string_view, const std::string*>, 7> urls{{
      {"--issuer", &options.issuer},
      {"--device-endpoint", &options.device_endpoint},
      {"--token-endpoint", &options.token_endpoint},
      {"--revocation-endpoint", &options.revocation_endpoint},
      {"--exchange-endpoint", &options.exchange_endpoint},
      {"--check-url", &options.check_url},
      {"--address", &options.address},
  }};
  for (const auto& [option, url] : urls) {
    if (auto good = check_url(option, *url); !good.ok()) return good;
  }
  return {};
}

Result<void> check_source(const RecipeOptions& options) {
  if (options.preset == kPositPreset) {
    if (options.address.empty()) {
      return wrong("--preset posit needs --address URL, or PACKAGEMANAGER_ADDRESS");
    }
    const bool by_hand = !options.issuer.empty() || !options.device_endpoint.empty() ||
                         !options.token_endpoint.empty() || !options.client_id.empty() ||
                         !options.exchange_subject.empty();
    if (by_hand) {
      return wrong("--preset posit knows issuer, endpoints, client and exchange; leave them out");
    }
    return {};
  }
  if (options.issuer.empty() && options.token_endpoint.empty()) {
    return wrong(
        "say where the token comes from: --issuer URL, --token-endpoint URL, or --preset "
        "posit --address URL");
  }
  const bool exchanges = !options.exchange_subject.empty();
  const bool told = !options.exchange_endpoint.empty() || !options.exchange_token_type.empty() ||
                    !options.exchange_scopes.empty() || !options.exchange_parameters.empty();
  if (told && !exchanges) return wrong("an exchange needs --exchange-subject id_token, for one");
  if (!options.subject_token_file.empty() && !exchanges) {
    return wrong("--subject-token-file is exchanged: it needs --exchange-subject");
  }
  return {};
}

}  // namespace

Result<TokenRecipe> make_recipe(const RecipeOptions& options) {
  if (auto good = check_urls(options); !good.ok()) return good.error();
  if (auto good = check_source(options); !good.ok()) return good.error();
  const bool posit = options.preset == kPositPreset;
  TokenRecipe out = posit ? *package_manager_recipe(options.address) : TokenRecipe();
  out.issuer = options.issuer;
  out.device_authorization_endpoint = options.device_endpoint;
  out.token_endpoint = options.token_endpoint;
  out.revocation_endpoint = options.revocation_endpoint;
  out.client_id = options.client_id;
  if (options.client_auth == "post") out.client_authentication = ClientAuthentication::kPost;
  out.scopes = options.scopes;
  out.pkce = posit || !options.no_pkce;
  auto parameters = parse_parameters("--parameter", options.parameters);
  if (!parameters.ok()) return parameters.error();
  out.parameters = std::move(*parameters);
  if (!options.exchange_subject.empty()) {
    auto more = parse_parameters("--exchange-parameter", options.exchange_parameters);
    if (!more.ok()) return more.error();
    out.exchange =
        TokenExchange{options.exchange_endpoint, options.exchange_subject,
                      options.exchange_token_type, options.exchange_scopes, std::move(*more)};
  }
  out.subject_token_file = absolute(options.subject_token_file);
  if (!options.check_url.empty()) out.check_url = options.check_url;
  if (!options.check_username.empty()) out.check_username = options.check_username;
  out.ca_file = absolute(options.ca_file);
  out.username = options.username.value_or(out.username);
  if (!options.margin.empty()) {
    const auto margin = parse_lifetime(options.margin);
    if (!margin.ok()) return wrong("--margin: " + margin.error().message);
    out.margin = std::chrono::milliseconds(*margin);
  }
  if (!options.address.empty()) out.address = to_string(*parse_service_url(options.address));
  return out;
}

Result<void> add_discovered(TokenRecipe& recipe, const TokenRecipe& found) {
  const auto fill = [](std::string& told, const std::string& from_issuer) {
    if (told.empty()) told = from_issuer;
  };
  fill(recipe.device_authorization_endpoint, found.device_authorization_endpoint);
  fill(recipe.token_endpoint, found.token_endpoint);
  fill(recipe.revocation_endpoint, found.revocation_endpoint);
  if (recipe.token_endpoint.empty()) {
    return Error{
        Reason::kRenewalFailed,
        visible(recipe.issuer) + " tells no token endpoint; give it with --token-endpoint"};
  }
  if (recipe.device_authorization_endpoint.empty() && recipe.subject_token_file.empty()) {
    return Error{Reason::kRenewalFailed,
                 visible(recipe.issuer) +
                     " tells no endpoint where a user could log in by a code; give it with "
                     "--device-endpoint, or a --subject-token-file"};
  }
  return {};
}

}  // namespace tacit::cli
