// Short ways to write secrets and recipes in tests.
#pragma once
#include <string>

#include "cli/token/oauth/server.h"
#include "client/cpp/base/utf8.h"
#include "tests/unit/cli/oauth/web_server.h"

namespace tacit::oauth {

inline std::string text(const SecretBytes& secret) {
  return {secret.bytes().begin(), secret.bytes().end()};
}

inline SecretBytes secret(std::string_view text) { return SecretBytes::copy_of(text); }

/// Endpoints `/device` and `/token` of one server, client id `me`.
inline Server standard(const testing::WebServer& web) {
  Server server;
  server.recipe.device_authorization_endpoint = web.url("/device");
  server.recipe.token_endpoint = web.url("/token");
  server.recipe.client_id = "me";
  return server;
}

inline Server package_manager(const testing::WebServer& web, std::string_view below = "") {
  Server server;
  server.recipe.dialect = TokenDialect::kPackageManager;
  server.recipe.address = web.url(below);
  return server;
}

}  // namespace tacit::oauth
