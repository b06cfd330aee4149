#include "cli/json.h"

#include <sodium.h>

#include <charconv>

#include "client/cpp/base/utf8.h"

namespace tacit::cli {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append_escaped(SecretBuffer& out, unsigned char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (byte) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
  out.append(std::string_view(escape, sizeof escape));
}

template <class Integer>
void append_number(SecretBuffer& out, Integer value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_.append(',');
  comma_ = true;
}

void JsonWriter::open(char bracket) {
  separate();
  out_.append(bracket);
  comma_ = false;
}

void JsonWriter::close(char bracket) {
  out_.append(bracket);
  comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  string(name);
  out_.append(':');
  comma_ = false;
}

void JsonWriter::string(std::string_view text) { string(as_bytes(text)); }

void JsonWriter::string(std::span<const unsigned char> text) {
  separate();
  out_.append('"');
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) {
      out_.append(kReplacement);
    } else if (text[0] < 0x20 || text[0] == '"' || text[0] == '\\' || text[0] == 0x7f) {
      append_escaped(out_, text[0]);
    } else {
      out_.append(text.first(length));
    }
    text = text.subspan(length == 0 ? 1 : length);
  }
  out_.append('"');
}

void JsonWriter::number(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::number(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::null() {
  separate();
  out_.append("null");
}

void JsonWriter::value_members(std::span<const unsigned char> value) {
  key("value");
  const std::string_view as_text(reinterpret_cast<const char*>(value.data()), value.size());
  if (find_invalid_utf8(as_text) == std::string_view::npos) {
    string(value);
    member("encoding", std::string_view("utf-8"));
    return;
  }
  SecretBytes encoded(sodium_base64_encoded_len(value.size(), sodium_base64_VARIANT_ORIGINAL));
  sodium_bin2base64(reinterpret_cast<char*>(encoded.writable().data()), encoded.size(),
                    value.data(), value.size(), sodium_base64_VARIANT_ORIGINAL);
  string(encoded.bytes().first(encoded.size() - 1));  // without its final NUL
  member("encoding", std::string_view("base64"));
}

SecretBytes JsonWriter::take() {
  out_.append('\n');
  comma_ = false;
  return out_.take();
}

}  // namespace tacit::cli
