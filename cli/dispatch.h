// From the arguments to the verb that is meant.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace tacit::cli {

/// Parses `arguments` (without argv[0]) by the one command they name and runs it; returns the
/// exit code. Only that command's options are built, so that the others cost nothing.
int dispatch(std::span<const Command> commands, std::vector<std::string> arguments);

/// Where the verb stands in `arguments`, global options before it skipped; their size if there
/// is none.
std::size_t find_verb(std::span<const std::string> arguments);

/// The options that every verb has. The first says which collection bare names are of, and is
/// returned.
CLI::Option* add_everywhere(CLI::App& app, GlobalOptions& options);

/// `tacit --help`: every command in its group, on one screen.
std::string overview(std::span<const Command> commands);

}  // namespace tacit::cli
