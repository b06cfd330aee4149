#include "tacit/json_forms.h"

#include <cstdint>

#include "client/cpp/base/utf8.h"

namespace tacit {
namespace {

using Bytes = std::span<const unsigned char>;

bool has(std::string_view set, unsigned char byte) {
  return set.find(static_cast<char>(byte)) != std::string_view::npos;
}

template <typename Put>
void put_number(std::uint32_t unit, bool upper, Put& put) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  put('\\');
  put('u');
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    put(static_cast<unsigned char>(digits[unit >> shift & 0xfU]));
  }
}

template <typename Put>
void put_ascii(unsigned char byte, const JsonRule& rule, Put& put) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr unsigned char kDelete = 0x7f;
  const auto at = kShort.find(static_cast<char>(byte));
  if (has(rule.as_numbers, byte) || (byte == kDelete && rule.only_ascii)) {
    put_number(byte, rule.upper, put);
  } else if (at != std::string_view::npos) {
    put('\\');
    put(static_cast<unsigned char>(kLetters[at]));
  } else if (byte < ' ') {
    put_number(byte, rule.upper, put);
  } else {
    if (byte == '/' && rule.slash) put('\\');
    put(byte);
  }
}

template <typename Put>
void put_number_of(std::uint32_t point, bool upper, Put& put) {
  constexpr std::uint32_t kFirstPair = 0x10000;
  if (point < kFirstPair) return put_number(point, upper, put);
  point -= kFirstPair;
  put_number(0xd800U | point >> 10, upper, put);
  put_number(0xdc00U | (point & 0x3ffU), upper, put);
}

/// False: it is no text, which the rule is for.
template <typename Put>
bool escape(Bytes value, const JsonRule& rule, Put put) {
  constexpr std::uint32_t kLineSeparator = 0x2028;
  constexpr std::uint32_t kParagraphSeparator = 0x2029;
  while (!value.empty()) {
    if (value[0] < 0x80) {
      put_ascii(value[0], rule, put);
      value = value.subspan(1);
      continue;
    }
    const std::size_t length = utf8_sequence(value);
    if (length == 0) {
      if (rule.only_ascii) return false;
      put(value[0]);
      value = value.subspan(1);
      continue;
    }
    const std::uint32_t point = code_point(value.first(length));
    const bool separator = point == kLineSeparator || point == kParagraphSeparator;
    if (rule.only_ascii || (rule.line_separators && separator)) {
      put_number_of(point, rule.upper, put);
    } else {
      for (const unsigned char byte : value.first(length)) put(byte);
    }
    value = value.subspan(length);
  }
  return true;
}

}  // namespace

SecretBytes json_escaped(Bytes value, const JsonRule& rule, std::size_t limit) {
  std::size_t size = 0;
  if (!escape(value, rule, [&size](unsigned char) { ++size; }) || size > limit) return {};
  SecretBytes text(size);
  unsigned char* out = text.writable().data();
  escape(value, rule, [&out](unsigned char byte) { *out++ = byte; });
  return text;
}

}  // namespace tacit
