// What toml++ 3.3 must not be given: on some malformed text it breaks preconditions of its own
// instead of telling where the fault is, such as a header without a key (`[#`,
// marzer/tomlplusplus#294), or its behaviour is undefined, on some letters beyond ASCII in keys
// and values. Both were found by fuzzing.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tacit {

struct TextFault {
  std::size_t line = 1;
  std::size_t column = 1;  ///< in bytes
  std::string message;
};

/// The first line with a `[` or `[[` that no key follows; with a byte beyond ASCII outside
/// comments, which no key and no value of ours has; or with a string of several lines, which none
/// has either, and without which every line can be judged alone.
std::optional<TextFault> find_toml_fault(std::string_view text);

}  // namespace tacit
