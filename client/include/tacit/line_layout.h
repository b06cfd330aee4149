// How a value is laid out over lines, and data without that: one rule for `tacit scan` and
// `tacit run --mask`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tacit/secret_bytes.h"

namespace tacit {

/// Bytes without line ends and the blanks behind them; a line end is CR, LF, or one of them escaped
/// as in JSON (`\n`, `\r`). The same text, wrapped, indented or in a JSON string, becomes the same.
struct JoinedLines {
  SecretBytes text;
  std::vector<std::uint32_t> places;  ///< of each byte of `text` in what it was made of
};

/// `at_line_start`: blanks at the beginning are indentation, too.
JoinedLines joined_lines(std::span<const unsigned char> data, bool at_line_start);

/// The part of `joined.text` that stood on one line and is the longest.
struct Stretch {
  std::size_t begin = 0;
  std::size_t size = 0;
};
Stretch longest_line(const JoinedLines& joined);

/// With CRLF for each bare LF, cut to `limit` bytes. Empty: there is none.
SecretBytes with_crlf(std::span<const unsigned char> value, std::size_t limit);

}  // namespace tacit
