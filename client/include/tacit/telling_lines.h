// What of a value of several lines gives it away: one rule for `tacit scan` and `tacit run --mask`.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace tacit {

/// Without the line ends at its end, which a file has and a value is meant without.
std::span<const unsigned char> without_last_line_ends(std::span<const unsigned char> value);

/// Lines that are looked for by themselves, each once, without the blanks around them; none of a
/// value of one line. A line has at least kLeastTellingLine bytes and looks made by chance: it has
/// a word of so many letters, digits and `+/=_-` in which letters and digits take turns three times
/// or more, or it is of the body of a PEM block. Not told by themselves are PEM's boundaries and
/// headers, blocks that are public (certificates, public keys, parameters, signatures), and the
/// line that all keys of OpenSSH begin with.
std::vector<std::span<const unsigned char>> telling_lines(std::span<const unsigned char> value);
inline constexpr std::size_t kLeastTellingLine = 16;

}  // namespace tacit
