// A program of the user's, to be run with his secrets in its hands.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tacit::cli {

/// An executable file that only this user, or root, owns and can write.
bool safe_to_run(const std::string& path);

/// Of a PATH, in order, as they stand there: empty and relative ones, too.
std::vector<std::string> folders_in(std::string_view path);

/// The folders of $PATH, then /usr/local/bin, /usr/bin and /bin.
std::vector<std::string> program_folders();

/// Its absolute path: the first that is safe to run in those of `folders` that are absolute.
std::optional<std::string> find_program(std::string_view name,
                                        std::span<const std::string> folders);

}  // namespace tacit::cli
