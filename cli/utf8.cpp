#include "cli/utf8.h"

#include <algorithm>
#include <array>

namespace tacit::cli {
namespace {

// C0, DEL and C1; then what of Unicode 15 reorders a line (Bidi_Control of PropList.txt), breaks it
// or cannot be seen: two names that look the same would be two. Joiners stay: scripts need them.
constexpr std::array kSteering = {
    CodePoints{0, 0x1f},        CodePoints{0x7f, 0x9f},     CodePoints{0xad, 0xad},
    CodePoints{0x61c, 0x61c},   CodePoints{0x180e, 0x180e}, CodePoints{0x200b, 0x200b},
    CodePoints{0x200e, 0x200f}, CodePoints{0x2028, 0x202e}, CodePoints{0x2060, 0x206f},
    CodePoints{0xfeff, 0xfeff}, CodePoints{0xfff9, 0xfffb}, CodePoints{0xe0000, 0xe007f}};

bool is_control(std::span<const unsigned char> sequence) {
  return is_any_of(kSteering, code_point(sequence));
}

}  // namespace

std::span<const unsigned char> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::uint32_t code_point(std::span<const unsigned char> sequence) noexcept {
  if (sequence.size() == 1) return sequence[0];
  std::uint32_t point = sequence[0] & (0x7fU >> sequence.size());
  for (const unsigned char byte : sequence.subspan(1)) point = point << 6 | (byte & 0x3fU);
  return point;
}

bool is_any_of(std::span<const CodePoints> ranges, std::uint32_t point) noexcept {
  return std::ranges::any_of(ranges, [point](const CodePoints& range) {
    return point >= range.first && point <= range.last;
  });
}

std::size_t utf8_sequence(std::span<const unsigned char> text) noexcept {
  if (text.empty()) return 0;
  const unsigned char first = text[0];
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;  // bounds of the second byte
  unsigned char high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // overlong
    if (first == 0xed) high = 0x9f;  // surrogates
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;   // overlong
    if (first == 0xf4) high = 0x8f;  // beyond U+10FFFF
  } else {
    return 0;
  }
  if (text.size() < length || text[1] < low || text[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (text[i] < 0x80 || text[i] > 0xbf) return 0;
  }
  return length;
}

bool is_utf8(std::span<const unsigned char> text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text = text.subspan(length);
  }
  return true;
}

bool has_control(std::string_view text) noexcept {
  auto rest = as_bytes(text);
  while (!rest.empty()) {
    const std::size_t length = utf8_sequence(rest);
    if (length == 0 || is_control(rest.first(length))) return true;
    rest = rest.subspan(length);
  }
  return false;
}

std::string printable(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string result;
  auto rest = as_bytes(text);
  while (!rest.empty()) {
    const std::size_t length = utf8_sequence(rest);
    const auto sequence = rest.first(length == 0 ? 1 : length);
    if (length != 0 && !is_control(sequence)) {
      result.append(sequence.begin(), sequence.end());
    } else {
      for (const unsigned char byte : sequence) {
        result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      }
    }
    rest = rest.subspan(sequence.size());
  }
  return result;
}

}  // namespace tacit::cli
