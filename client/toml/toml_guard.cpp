#include "client/toml/toml_guard.h"

#include <algorithm>

namespace tacit {
namespace {

constexpr auto kNone = std::string_view::npos;

bool begins_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '"' || c == '\'';
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

// Where a key should be after `[` and is not.
std::size_t bad_header(std::string_view line) {
  std::size_t at = skip_blanks(line, 0);
  if (at == line.size() || line[at] != '[') return kNone;
  at = skip_blanks(line, at + 1);
  if (at < line.size() && line[at] == '[') at = skip_blanks(line, at + 1);
  return at < line.size() && begins_key(line[at]) ? kNone : at;
}

// The closing quote of the string that begins at `at`, or the line's end.
std::size_t string_end(std::string_view line, std::size_t at) {
  const char quote = line[at];
  for (++at; at < line.size() && line[at] != quote; ++at) {
    if (quote == '"' && line[at] == '\\') ++at;
  }
  return at;
}

std::optional<TextFault> line_fault(std::string_view line) {
  if (const auto at = bad_header(line); at != kNone) {
    return TextFault{1, at + 1, "expected a table's name after `[`"};
  }
  for (std::size_t at = 0; at < line.size() && line[at] != '#'; ++at) {
    std::size_t end = at;
    if (line[at] == '"' || line[at] == '\'') {
      if (line.substr(at, 3) == std::string(3, line[at])) {
        return TextFault{1, at + 1, "a string must be on one line, in single quotation marks"};
      }
      end = std::min(string_end(line, at), line.size() - 1);
    }
    for (; at <= end; ++at) {
      if (static_cast<unsigned char>(line[at]) >= 0x80) {
        return TextFault{1, at + 1, "only ASCII may stand outside comments"};
      }
    }
    at = end;
  }
  return {};
}

}  // namespace

std::optional<TextFault> find_toml_fault(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (const auto bare = line.find('\r'); bare != kNone) {
      return TextFault{number, bare + 1, "a carriage return must be followed by a line feed"};
    }
    if (auto fault = line_fault(line)) {
      fault->line = number;
      return fault;
    }
  }
  return {};
}

}  // namespace tacit
