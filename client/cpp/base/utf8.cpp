#include "client/cpp/base/utf8.h"

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

std::span<const unsigned char> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::size_t utf8_sequence(std::span<const unsigned char> text) noexcept {
  if (text.empty()) return 0;
  const Shape shape = shape_of(text[0]);
  if (shape.length == 0 || shape.length > text.size()) return 0;
  for (std::size_t i = 1; i < shape.length; ++i) {
    const unsigned char low = i == 1 ? shape.second_low : 0x80;
    const unsigned char high = i == 1 ? shape.second_high : 0xBF;
    if (text[i] < low || text[i] > high) return 0;
  }
  return shape.length;
}

std::uint32_t code_point(std::span<const unsigned char> sequence) noexcept {
  if (sequence.size() == 1) return sequence[0];
  std::uint32_t point = sequence[0] & (0x7fU >> sequence.size());
  for (const unsigned char byte : sequence.subspan(1)) point = point << 6 | (byte & 0x3fU);
  return point;
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  for (auto rest = as_bytes(text); !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    if (length == 0) return text.size() - rest.size();
    rest = rest.subspan(length);
  }
  return std::string_view::npos;
}

}  // namespace tacit
