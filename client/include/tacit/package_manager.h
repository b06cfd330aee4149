// Tokens for the Posit Package Manager.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tacit/tokens.h"

namespace tacit {

/// The user name that index servers take for `a token`.
inline constexpr std::string_view kTokenUser = "__token__";

/// How a token of the package manager at that address is got. None: it is no URL.
std::optional<TokenRecipe> package_manager_recipe(std::string_view address);

/// How an item for the token of that server is called where nobody says: `HOST`, `HOST:PORT`, or
/// with its path. Empty: it is no URL.
std::string server_name(std::string_view address);

}  // namespace tacit
