// Text of unknown origin made fit to be shown to people.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tacit {

inline constexpr std::size_t kShownBytes = 256;

/// `text` on one line: each control character, line or paragraph separator, character that changes
/// the direction of text or is invisible, and each byte that is not UTF-8 becomes U+FFFD. Letters
/// stay, those of right-to-left scripts too. Of more than `longest` bytes (at least 16) the
/// middle becomes `...`, for paths differ at their ends. The result is UTF-8. Any thread.
std::string shown(std::string_view text, std::size_t longest = kShownBytes);

}  // namespace tacit
