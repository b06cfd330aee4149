// What a recipe says, made ready to be spoken.
#pragma once
#include <string>

#include "cli/token/oauth/form.h"
#include "cli/token/oauth/http.h"
#include "cli/token/oauth/json_answer.h"
#include "cli/token/oauth/outcome.h"

namespace tacit::oauth {

/// A recipe with every endpoint known and its secret at hand.
struct Server {
  TokenRecipe recipe;
  SecretBytes client_secret;  ///< empty: none

  bool package_manager() const { return recipe.dialect == TokenDialect::kPackageManager; }
  bool can_log_in() const { return !device_endpoint().empty(); }
  std::string device_endpoint() const;
  /// Where a device code is given for tokens.
  std::string device_token_endpoint() const;
  std::string exchange_endpoint() const;
  /// Which token of a login is exchanged; empty: it is the one that is wanted.
  std::string exchanged() const;
  std::string requested_token_type() const;
};

/// Errors: kUnsupported, a dialect that is not known here; kInvalidArgument, it says too little
/// (no token endpoint, an address that may not be spoken to).
Result<void> check_recipe(const TokenRecipe& recipe);

/// With how the client shows that it is the one it says (RFC 6749, 2.3.1). Adds to `form`; returns
/// the header's value, or nothing.
SecretBytes authenticate(const Server& server, Form& form);

/// One request to an endpoint that answers as RFC 6749, 5.2 says where it refuses.
struct Refusal {
  std::string code;  ///< `invalid_grant`; empty: it did not say
  long status = 0;
  std::string message;  ///< for the user: what happened
};
using Reply = std::variant<SecretBytes, Refusal, HttpTrouble>;

/// A body comes with status 200 alone.
Reply ask(const Http& http, const Server& server, const std::string& endpoint, Form& form,
          bool may_break_off = true);

/// `the server HOST`, for messages.
std::string named(const std::string& endpoint);

}  // namespace tacit::oauth
