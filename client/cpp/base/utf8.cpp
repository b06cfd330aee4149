#include "client/cpp/base/utf8.h"

#include <cstdint>

namespace tacit {
namespace {

// What may follow a lead byte (RFC 3629, section 4). The second byte's range is narrower than
// 80..BF where a wider one would allow an overlong form or a surrogate.
struct Shape {
  std::size_t length;  // 0: no lead byte
  unsigned char second_low;
  unsigned char second_high;
};

Shape shape_of(unsigned char lead) noexcept {
  if (lead <= 0x7F) return {1, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  std::size_t at = 0;
  while (at < text.size()) {
    const Shape shape = shape_of(byte(at));
    if (shape.length == 0 || shape.length > text.size() - at) return at;
    for (std::size_t i = 1; i < shape.length; ++i) {
      const unsigned char low = i == 1 ? shape.second_low : 0x80;
      const unsigned char high = i == 1 ? shape.second_high : 0xBF;
      if (byte(at + i) < low || byte(at + i) > high) return at;
    }
    at += shape.length;
  }
  return std::string_view::npos;
}

}  // namespace tacit
