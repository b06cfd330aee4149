// What `tacit token add` is told, and the recipe that it makes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tacit/client.h"

namespace tacit::cli {

struct RecipeOptions {
  std::string preset;  ///< empty, or `posit`
  std::string address;
  std::string issuer;
  std::string device_endpoint;
  std::string token_endpoint;
  std::string revocation_endpoint;
  std::string client_id;
  std::string client_auth;  ///< empty, `basic` or `post`
  std::vector<std::string> scopes;
  std::vector<std::string> parameters;
  bool no_pkce = false;
  std::string exchange_subject;  ///< not empty: there is an exchange
  std::string exchange_endpoint;
  std::string exchange_token_type;
  std::vector<std::string> exchange_scopes;
  std::vector<std::string> exchange_parameters;
  std::string subject_token_file;
  std::string check_url;
  std::string check_username;
  std::string margin;
  std::string ca_file;
  std::optional<std::string> username;
};

inline constexpr std::string_view kPositPreset = "posit";

/// The recipe, but for the client's secret and what the issuer tells of itself. Error
/// kInvalidArgument: what is missing or contradicts, and which option says it.
Result<TokenRecipe> make_recipe(const RecipeOptions& options);

/// Puts in what is not told by hand. Error kRenewalFailed: it lacks what is needed.
Result<void> add_discovered(TokenRecipe& recipe, const TokenRecipe& found);

}  // namespace tacit::cli
