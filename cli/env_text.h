// Secrets as the lines of a plain `.env`, the way back of cli/env_file.h.
#pragma once
#include <span>
#include <string_view>

#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {

/// `parse_env_file` reads it back as this very name and value: the name is a variable's, the value
/// UTF-8 without NUL, and does not begin like a reference.
bool fits_env_line(std::string_view name, std::span<const unsigned char> value);

/// `NAME=VALUE` and a newline: bare where that is enough, else in single quotes, and in double
/// ones, with escapes, where it holds a single quote or a carriage return.
void append_env_line(SecretBuffer& text, std::string_view name,
                     std::span<const unsigned char> value);

}  // namespace tacit::cli
