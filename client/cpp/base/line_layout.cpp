#include "tacit/line_layout.h"

#include <algorithm>

namespace tacit {
namespace {

using Bytes = std::span<const unsigned char>;

bool is_line_end(unsigned char c) { return c == '\n' || c == '\r'; }
bool is_blank(unsigned char c) { return c == ' ' || c == '\t'; }

/// Of the line end at `at`; 0: there is none.
std::size_t line_end_size(Bytes data, std::size_t at) {
  if (is_line_end(data[at])) return 1;
  const bool escaped =
      data[at] == '\\' && at + 1 < data.size() && (data[at + 1] == 'n' || data[at + 1] == 'r');
  return escaped ? 2 : 0;
}

}  // namespace

JoinedLines joined_lines(Bytes data, bool at_line_start) {
  JoinedLines joined{SecretBytes(data.size()), {}};
  joined.places.reserve(data.size());
  unsigned char* const text = joined.text.writable().data();
  for (std::size_t at = 0; at < data.size();) {
    if (const std::size_t size = line_end_size(data, at); size != 0) {
      at_line_start = true;
      at += size;
    } else if (at_line_start && is_blank(data[at])) {
      ++at;
    } else {
      at_line_start = false;
      text[joined.places.size()] = data[at];
      joined.places.push_back(static_cast<std::uint32_t>(at++));
    }
  }
  joined.text.truncate(joined.places.size());
  return joined;
}

Stretch longest_line(const JoinedLines& joined) {
  Stretch longest;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= joined.places.size(); ++i) {
    if (i < joined.places.size() && joined.places[i] == joined.places[i - 1] + 1) continue;
    if (i - begin > longest.size) longest = {begin, i - begin};
    begin = i;
  }
  return longest;
}

SecretBytes with_crlf(Bytes value, std::size_t limit) {
  SecretBytes result(std::min(2 * value.size(), limit));
  const std::span<unsigned char> room = result.writable();
  std::size_t size = 0;
  bool changed = false;
  unsigned char before = 0;
  for (const unsigned char byte : value) {
    const bool bare = byte == '\n' && before != '\r';
    if (size + (bare ? 2 : 1) > room.size()) break;
    if (bare) room[size++] = '\r';
    room[size++] = byte;
    changed = changed || bare;
    before = byte;
  }
  result.truncate(changed ? size : 0);
  return result;
}

}  // namespace tacit
