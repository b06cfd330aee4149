#include "tacit/package_manager.h"

#include "tacit/service_url.h"

namespace tacit {

std::optional<TokenRecipe> package_manager_recipe(std::string_view address) {
  const auto url = parse_service_url(address);
  if (!url || url->scheme.empty()) return {};
  TokenRecipe out;
  out.dialect = TokenDialect::kPackageManager;
  out.address = to_string(*url);
  out.pkce = true;
  out.check_url = out.address;
  out.check_username = kTokenUser;
  out.username = kTokenUser;
  return out;
}

std::string server_name(std::string_view address) {
  auto url = parse_service_url(address);
  if (!url) return {};
  url->scheme.clear();
  return to_string(*url);
}

}  // namespace tacit
