#include "cli/env_text.h"

#include <algorithm>

#include "cli/environment.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/secret_buffer.h"
#include "tacit/reference.h"

namespace tacit::cli {
namespace {

std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./:@%+,-").find(c) != std::string_view::npos;
}

void append_escaped(SecretBuffer& text, char c) {
  if (c == '"' || c == '\\' || c == '$') text.append('\\');
  if (c == '\r') {
    text.append("\\r");
  } else {
    text.append(c);
  }
}

}  // namespace

bool fits_env_line(std::string_view name, std::span<const unsigned char> value) {
  return is_variable_name(name) && is_utf8(value) && std::ranges::count(value, 0) == 0 &&
         !as_text(value).starts_with(kReferenceScheme);
}

void append_env_line(SecretBuffer& text, std::string_view name,
                     std::span<const unsigned char> value) {
  const std::string_view content = as_text(value);
  text.append(name);
  text.append('=');
  if (std::ranges::all_of(content, is_bare)) {
    text.append(content);
  } else if (content.find_first_of("'\r") == std::string_view::npos) {
    text.append('\'');
    text.append(content);
    text.append('\'');
  } else {
    text.append('"');
    for (const char c : content) append_escaped(text, c);
    text.append('"');
  }
  text.append('\n');
}

}  // namespace tacit::cli
