// A recipe as a client tells it, and as it lies in the vault: the daemon keeps it and hands it out.
#pragma once
#include <chrono>

#include "absl/status/statusor.h"
#include "daemon/tokens/token_value.h"
#include "tacit/v1/renewal.pb.h"

namespace tacit {

/// kInvalidArgument: a limit of the contract is broken, or a URL is neither https nor http. Whether
/// http goes to the loopback is the client's to see, who connects.
absl::Status check_recipe(const v1::TokenRecipe& recipe);
SecretBytes stored_recipe(const v1::TokenRecipe& recipe);
absl::StatusOr<v1::TokenRecipe> recipe_of(const TokenValue& token);

/// There is a way to a new token that needs neither the user nor a refresh token.
bool renews_unattended(const v1::TokenRecipe& recipe);
/// How long before its end a token that lives so long is due.
std::chrono::milliseconds margin_of(const v1::TokenRecipe& recipe, std::chrono::milliseconds lives);

}  // namespace tacit
