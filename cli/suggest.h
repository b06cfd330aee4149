// `did you mean`.
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace tacit::cli {

/// The candidate nearest to `word` by edit distance (insert, delete, replace, swap neighbours),
/// if it is near enough to be a slip of the hand. The first of equals.
std::optional<std::string_view> suggest(std::string_view word,
                                        std::span<const std::string_view> candidates);

}  // namespace tacit::cli
