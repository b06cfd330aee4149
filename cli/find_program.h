// A program of the user's, to be run with his secrets in its hands.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tacit::cli {

/// Its absolute path: in the folders of $PATH that are absolute, then /usr/local/bin, /usr/bin and
/// /bin. Only an executable file that no other user but root can write counts.
std::optional<std::string> find_program(std::string_view name);

}  // namespace tacit::cli
