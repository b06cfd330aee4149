// `user-secrets`: the verbs, outputs and exit codes of python-env-secrets, over the vault.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace tacit::cli {

inline constexpr std::string_view kUserSecretsName = "user-secrets";

/// `arguments` are those behind the program's name. Exits 0; 1, no such secret; 2, usage; what
/// stands in the way of all of them exits as `tacit` does.
int user_secrets(std::span<const std::string> arguments);

}  // namespace tacit::cli
