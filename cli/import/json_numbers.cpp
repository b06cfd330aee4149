#include "cli/import/json_numbers.h"

#include <algorithm>
#include <string>

#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How long the number (RFC 8259, 6) is that `text` begins with; 0: it is none.
std::size_t number_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t before = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - before;
  };
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return 0;
  }
  return at;
}

}  // namespace

CountedJson count_numbers(std::string_view content) {
  CountedJson counted;
  SecretBuffer text;
  bool quoted = false;
  while (!content.empty()) {
    const char c = content.front();
    if (!quoted && (is_digit(c) || c == '-' || c == '+' || c == '.')) {
      const std::size_t end =
          std::min(content.find_first_not_of("0123456789+-.eE"), content.size());
      const std::string_view word = content.substr(0, end);
      if (number_length(word) == end) {
        text.append(std::to_string(counted.numbers.size()));
        counted.numbers.push_back(SecretBytes::copy_of(word));
      } else {
        text.append(word);
        counted.malformed = true;
      }
      content.remove_prefix(end);
      continue;
    }
    if (c == '"') quoted = !quoted;
    const std::size_t step = quoted && c == '\\' && content.size() > 1 ? 2 : 1;
    text.append(content.substr(0, step));
    content.remove_prefix(step);
  }
  counted.text = text.take();
  return counted;
}

}  // namespace tacit::cli
