#include "client/cpp/flat_json.h"

#include <cstdint>

#include "client/cpp/base/utf8.h"

namespace tacit {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3fU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<FlatJson> object() {
    FlatJson out;
    if (!take('{')) return {};
    if (!take('}')) {
      do {
        auto name = string();
        if (!name || !take(':')) return {};
        auto told = scalar();
        if (!told) return {};
        out.insert_or_assign(*std::move(name), *std::move(told));
      } while (take(','));
      if (!take('}')) return {};
    }
    skip_blanks();
    if (!rest_.empty()) return {};
    return out;
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::optional<std::uint32_t> unit() {
    constexpr std::size_t kDigits = 4;
    if (rest_.size() < kDigits) return {};
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < kDigits; ++i) {
      const char c = next();
      if (c >= '0' && c <= '9') {
        out = out * 16 + static_cast<std::uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        out = out * 16 + static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
      } else {
        return {};
      }
    }
    return out;
  }

  bool append_escape(std::string& out) {
    if (rest_.empty()) return false;
    const char c = next();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = kNames.find(c); at != std::string_view::npos) {
      out += kMeant[at];
      return true;
    }
    auto code = c == 'u' ? unit() : std::nullopt;
    if (!code || (*code >= 0xdc00 && *code < 0xe000)) return false;
    if (*code >= 0xd800 && *code < 0xdc00) {
      if (!rest_.starts_with("\\u")) return false;
      rest_.remove_prefix(2);
      const auto low = unit();
      if (!low || *low < 0xdc00 || *low >= 0xe000) return false;
      code = 0x10000 + ((*code - 0xd800) << 10U) + (*low - 0xdc00);
    }
    append_utf8(out, *code);
    return true;
  }

  std::optional<std::string> string() {
    if (!take('"')) return {};
    std::string out;
    while (!rest_.empty()) {
      const char c = next();
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) return {};
      if (c != '\\') {
        out += c;
      } else if (!append_escape(out)) {
        return {};
      }
    }
    return {};
  }

  /// RFC 8259, 6, less fractions and exponents.
  std::optional<std::string> number() {
    std::string out;
    if (rest_.starts_with('-')) out += next();
    const std::size_t sign = out.size();
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') out += next();
    if (out.size() == sign || (out[sign] == '0' && out.size() > sign + 1)) return {};
    return out;
  }

  std::optional<std::string> scalar() {
    skip_blanks();
    if (rest_.starts_with('"')) return string();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return std::string(word);
    }
    return number();
  }

  std::string_view rest_;
};

}  // namespace

std::optional<FlatJson> parse_flat_json(std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos) return {};
  return Parser(text).object();
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace tacit
