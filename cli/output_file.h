// Where a verb's `-o FILE` goes.
#pragma once
#include <span>
#include <string>

#include "cli/context.h"

namespace tacit::cli {

/// What stands for standard output in a file's place.
inline constexpr std::string_view kStandardStream = "-";

/// To `path`, a file for the user alone (0600 whatever the umask) that appears whole or not at all;
/// `-`: to standard output. One that is there is replaced with `force`, or a yes on the terminal.
/// Errors: kAlreadyExists, kIoError.
Result<void> write_output(Context& context, const std::string& path, bool force,
                          std::span<const unsigned char> content);

}  // namespace tacit::cli
