// How a value stands in a string of JSON: one rule for `tacit scan` and `tacit run --mask`.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "tacit/secret_bytes.h"

namespace tacit {

/// What one encoder escapes beside quotes, backslashes and control characters (RFC 8259, 7).
struct JsonRule {
  std::string_view as_numbers{};  ///< ASCII that becomes \u00XX
  bool slash = false;             ///< `\/`
  bool line_separators = false;   ///< U+2028 and U+2029, which JavaScript once took for line ends
  bool only_ascii = false;        ///< all else becomes \uXXXX
  bool upper = false;             ///< the digits of numbers
};
inline constexpr std::array<JsonRule, 7> kJsonRules{{
    {},                                                             // JavaScript, jq, Rust
    {.only_ascii = true},                                           // Python
    {.slash = true, .only_ascii = true},                            // PHP
    {.slash = true},                                                // Foundation; PHP, told to
    {.as_numbers = "<>&", .line_separators = true},                 // Go, Rails
    {.as_numbers = "<>&='", .line_separators = true},               // Gson
    {.as_numbers = "\"'&+<>`", .only_ascii = true, .upper = true},  // .NET
}};

/// Without the quotes around it. Empty: it would have over `limit` bytes, or the rule is one for
/// text and the value is none (UTF-8).
SecretBytes json_escaped(std::span<const unsigned char> value, const JsonRule& rule,
                         std::size_t limit);

}  // namespace tacit
