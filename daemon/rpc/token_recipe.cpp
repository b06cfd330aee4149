#include "daemon/rpc/token_recipe.h"

#include <algorithm>
#include <string>

#include "daemon/base/status.h"
#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxUrlBytes = 2048;
constexpr std::size_t kMaxTextBytes = 1024;
constexpr int kMaxListed = 64;
constexpr std::int64_t kMaxMarginMs = 7 * 24 * 3600 * std::int64_t{1000};
constexpr std::chrono::milliseconds kLongestMargin{60'000};

absl::Status check_url(std::string_view what, const std::string& url) {
  if (url.empty()) return absl::OkStatus();
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  const bool plain = std::ranges::all_of(
      url, [](char letter) { return letter > ' ' && letter != '\x7f' && letter != '\\'; });
  if (web && plain && url.size() <= kMaxUrlBytes) return absl::OkStatus();
  return invalid("the recipe's " + std::string(what) +
                 " is no https URL of at most 2,048 bytes (http goes to the loopback alone)");
}

absl::Status check_path(std::string_view what, const std::string& path) {
  const bool good = path.starts_with('/') && path.size() < 4096 && path.find('\0') == path.npos;
  if (path.empty() || good) return absl::OkStatus();
  return invalid("the recipe's " + std::string(what) + " is no absolute path");
}

absl::Status check_texts(const google::protobuf::RepeatedPtrField<v1::Attribute>& parameters,
                         const google::protobuf::RepeatedPtrField<std::string>& scopes) {
  if (parameters.size() > kMaxListed || scopes.size() > kMaxListed) {
    return invalid("a recipe has at most 64 scopes and 64 parameters");
  }
  const bool named = std::ranges::all_of(
      parameters, [](const v1::Attribute& parameter) { return !parameter.key().empty(); });
  if (!named) return invalid("a parameter of the recipe has no name");
  return absl::OkStatus();
}

}  // namespace

absl::Status check_recipe(const v1::TokenRecipe& recipe) {
  const v1::TokenExchange& exchange = recipe.exchange();
  for (const auto& [what, url] :
       {std::pair<std::string_view, const std::string&>{"issuer", recipe.issuer()},
        {"device authorisation endpoint", recipe.device_authorization_endpoint()},
        {"token endpoint", recipe.token_endpoint()},
        {"revocation endpoint", recipe.revocation_endpoint()},
        {"exchange endpoint", exchange.endpoint()},
        {"check URL", recipe.check_url()},
        {"address", recipe.address()}}) {
    if (absl::Status good = check_url(what, url); !good.ok()) return good;
  }
  for (const auto& [what, path] :
       {std::pair<std::string_view, const std::string&>{"CA file", recipe.ca_file()},
        {"subject token file", recipe.subject_token_file()}}) {
    if (absl::Status good = check_path(what, path); !good.ok()) return good;
  }
  if (absl::Status good = check_texts(recipe.parameters(), recipe.scopes()); !good.ok()) {
    return good;
  }
  if (absl::Status good = check_texts(exchange.parameters(), exchange.scopes()); !good.ok()) {
    return good;
  }
  if (recipe.client_id().size() > kMaxTextBytes || recipe.username().size() > kMaxTextBytes) {
    return invalid("a client id and a user name have at most 1,024 bytes");
  }
  if (recipe.has_client_secret()) {
    if (const auto where = item_name_from(recipe.client_secret()); !where.ok()) {
      return where.status();
    }
  }
  if (recipe.margin_ms() < 0 || recipe.margin_ms() > kMaxMarginMs) {
    return invalid("a margin is between 0 and 7 days");
  }
  if (!v1::TokenDialect_IsValid(recipe.dialect()) ||
      !v1::ClientAuthentication_IsValid(recipe.client_authentication())) {
    return make_error(Reason::kUnsupported, "the recipe needs a newer daemon");
  }
  const bool package_manager = recipe.dialect() == v1::TOKEN_DIALECT_PACKAGE_MANAGER;
  if (package_manager ? recipe.address().empty() : recipe.token_endpoint().empty()) {
    return invalid(package_manager ? "the recipe has no address"
                                   : "the recipe has no token endpoint");
  }
  if (recipe.ByteSizeLong() > kMaxRecipeBytes) return invalid("a recipe has at most 16 KiB");
  return absl::OkStatus();
}

SecretBytes stored_recipe(const v1::TokenRecipe& recipe) {
  SecretBytes out(recipe.ByteSizeLong());
  (void)recipe.SerializeToArray(out.writable().data(), static_cast<int>(out.size()));
  return out;
}

absl::StatusOr<v1::TokenRecipe> recipe_of(const TokenValue& token) {
  v1::TokenRecipe recipe;
  const auto bytes = token.recipe.bytes();
  if (recipe.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return recipe;
  return make_error(Reason::kVaultDamaged, "the recipe of a token is malformed");
}

bool renews_unattended(const v1::TokenRecipe& recipe) {
  return !recipe.subject_token_file().empty() || !recipe.check_url().empty();
}

std::chrono::milliseconds margin_of(const v1::TokenRecipe& recipe,
                                    std::chrono::milliseconds lives) {
  const std::chrono::milliseconds told(recipe.margin_ms());
  return std::min(told.count() != 0 ? told : std::min(lives / 10, kLongestMargin), lives / 2);
}

}  // namespace tacit
