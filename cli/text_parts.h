// Taking text apart and putting words together.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tacit::cli {

/// Without blanks, tabs and carriage returns around it.
std::string_view trimmed(std::string_view text);

/// Without one pair of equal quotes, `"` or `'`, around it.
std::string_view without_quotes(std::string_view text);

/// The words as they are shown, with `, ` between them.
std::string joined(const std::vector<std::string>& words);

/// `1 place`, `2 places`.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace tacit::cli
