// "Did you mean": the known word nearest to one that is not.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tacit {

/// By edit distance (Levenshtein 1966); nothing if none is near: more than a third of the letters,
/// or two, whichever is more, would have to change.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace tacit
