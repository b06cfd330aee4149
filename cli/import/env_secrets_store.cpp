#include "cli/import/env_secrets_store.h"

#include <algorithm>
#include <array>

#include "cli/text_parts.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// What str.strip() takes away: str.isspace() of Python 3.
struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};
constexpr std::array<CodePoints, 10> kSpaces{{{0x09, 0x0d},
                                              {0x1c, 0x20},
                                              {0x85, 0x85},
                                              {0xa0, 0xa0},
                                              {0x1680, 0x1680},
                                              {0x2000, 0x200a},
                                              {0x2028, 0x2029},
                                              {0x202f, 0x202f},
                                              {0x205f, 0x205f},
                                              {0x3000, 0x3000}}};

/// The bytes of the space that `text` begins with; 0: none.
std::size_t leading_space(std::string_view text) {
  const auto bytes = as_bytes(text);
  const std::size_t length = utf8_sequence(bytes);
  if (length == 0) return 0;
  const std::uint32_t point = code_point(bytes.first(length));
  const bool space = std::ranges::any_of(kSpaces, [point](const CodePoints& range) {
    return point >= range.first && point <= range.last;
  });
  return space ? length : 0;
}

std::size_t trailing_space(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(3, text.size()); ++length) {
    if (leading_space(text.substr(text.size() - length)) == length) return length;
  }
  return 0;
}

std::string_view stripped(std::string_view text) {
  while (const std::size_t length = text.empty() ? 0 : leading_space(text)) {
    text.remove_prefix(length);
  }
  while (const std::size_t length = trailing_space(text)) text.remove_suffix(length);
  return text;
}

/// Up to LF, CR LF or CR, as Python reads a file of text. Takes it from `content`.
std::string_view take_line(std::string_view& content) {
  const std::size_t end = std::min(content.find_first_of("\r\n"), content.size());
  const auto line = content.substr(0, end);
  const bool pair = content.substr(end).starts_with("\r\n");
  content.remove_prefix(std::min(end + (pair ? 2 : 1), content.size()));
  return line;
}

void put(std::vector<ImportItem>& items, std::string_view key, std::string_view value) {
  auto item = std::ranges::find(items, key, &ImportItem::name);
  if (item == items.end()) {
    item = items.emplace(items.end());
    item->name = key;
  }
  item->value = SecretBytes::copy_of(value);
}

}  // namespace

Result<std::vector<ImportItem>> parse_env_secrets(std::string_view content, std::string_view file,
                                                  std::vector<std::size_t>* nameless) {
  std::vector<ImportItem> items;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const auto wrong = [&](const std::string& what) {
      return Error{Reason::kInvalidArgument,
                   visible(file) + ":" + std::to_string(number) + ": " + what};
    };
    std::string_view line = take_line(content);
    if (!is_utf8(as_bytes(line))) return wrong("this line is not UTF-8");
    constexpr std::string_view kExport = "export ";
    line = stripped(line);
    if (line.starts_with('#')) continue;
    if (line.starts_with(kExport)) line.remove_prefix(kExport.size());
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const auto key = stripped(line.substr(0, equals));
    if (key.empty()) {
      if (nameless != nullptr) nameless->push_back(number);
      continue;
    }
    if (!check_name(key, "key").ok()) {
      return wrong("what stands before `=` can be no secret's name: it is too long or has a NUL");
    }
    put(items, key, without_quotes(stripped(line.substr(equals + 1))));
  }
  return items;
}

}  // namespace tacit::cli
