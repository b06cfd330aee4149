// `keyring`: what pip and uv run to get and keep passwords, over the vault; and the verbs of
// `tacit` that put it where they find it.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace tacit::cli {

inline constexpr std::string_view kTacitKeyringName = "tacit-keyring";  ///< beside `tacit`

/// `arguments` are those behind the program's name. Exits 0; 2, usage; 1, everything else, of which
/// `get` of what is not there says nothing. Only the answer goes to standard output.
int keyring(std::span<const std::string> arguments);

Action define_keyring(CLI::App& app);
Action define_keyring_enable(CLI::App& app);
Action define_keyring_disable(CLI::App& app);

}  // namespace tacit::cli
