#include "cli/import/pass_entry.h"

#include <optional>
#include <utility>

#include "cli/text_parts.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {
namespace {

// Of the contract (proto/README.md).
constexpr std::size_t kMostAttributes = 64;
constexpr std::size_t kMostKeyBytes = 256;
constexpr std::size_t kMostValueBytes = 1024;

std::string_view take_line(std::string_view& content) {
  const std::size_t end = std::min(content.find('\n'), content.size());
  const auto line = content.substr(0, end);
  content.remove_prefix(std::min(end + 1, content.size()));
  return line;
}

bool fits(std::string_view text, std::size_t most) {
  return text.size() <= most && text.find('\0') == std::string_view::npos &&
         is_utf8(as_bytes(text));
}

/// None: the line is no attribute. A colon without a blank behind it is a URL's, say.
std::optional<std::pair<std::string_view, std::string_view>> attribute_in(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const auto behind = line.substr(colon + 1);
  if (!behind.empty() && behind.front() != ' ' && behind.front() != '\t' && behind != "\r") {
    return {};
  }
  const auto key = trimmed(line.substr(0, colon));
  const auto value = trimmed(behind);
  if (key.empty() || !fits(key, kMostKeyBytes) || !fits(value, kMostValueBytes)) return {};
  return std::pair(key, value);
}

}  // namespace

std::vector<ImportItem> parse_pass_entry(const std::string& name, std::string_view content) {
  std::vector<ImportItem> items(1);
  items[0].name = name;
  items[0].value = SecretBytes::copy_of(take_line(content));
  SecretBuffer notes;
  bool any_note = false;
  while (!content.empty()) {
    const auto line = take_line(content);
    const auto attribute = attribute_in(line);
    if (attribute && items[0].attributes.size() < kMostAttributes &&
        items[0].attributes.emplace(attribute->first, attribute->second).second) {
      continue;
    }
    notes.append(line);
    notes.append('\n');
    any_note = any_note || !trimmed(line).empty();
  }
  if (any_note) {
    ImportItem& rest = items.emplace_back();
    rest.name = name + "/notes";
    rest.value = notes.take();
  }
  return items;
}

}  // namespace tacit::cli
