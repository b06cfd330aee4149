#include "cli/display_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "cli/utf8.h"

namespace tacit::cli {
namespace {

std::span<const unsigned char> as_bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// Of a well-formed sequence.
std::uint32_t code_point(std::span<const unsigned char> sequence) {
  if (sequence.size() == 1) return sequence[0];
  std::uint32_t point = sequence[0] & (0x7fU >> sequence.size());
  for (const unsigned char byte : sequence.subspan(1)) point = point << 6 | (byte & 0x3fU);
  return point;
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode 15, DerivedCoreProperties.txt (Default_Ignorable_Code_Point) and PropList.txt
// (Bidi_Control), the separators of line and paragraph, and other blanks than U+0020. Ordered.
constexpr std::array kUnseen = {
    Range{0xa0, 0xa0},       Range{0xad, 0xad},       Range{0x34f, 0x34f},
    Range{0x61c, 0x61c},     Range{0x115f, 0x1160},   Range{0x1680, 0x1680},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x2000, 0x200f},
    Range{0x2028, 0x202f},   Range{0x205f, 0x206f},   Range{0x2800, 0x2800},
    Range{0x3000, 0x3000},   Range{0x3164, 0x3164},   Range{0xe000, 0xf8ff},
    Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},
    Range{0xfff0, 0xfffb},   Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0000, 0xe0fff}, Range{0xf0000, 0x10ffff}};

bool unseen(std::uint32_t point) {
  return std::ranges::any_of(
      kUnseen, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

}  // namespace

std::string visible(std::string_view text) {
  std::string result;
  for (auto rest = as_bytes(text); !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    const std::string_view piece(reinterpret_cast<const char*>(rest.data()),
                                 std::max<std::size_t>(length, 1));
    if (length > 1 && unseen(code_point(rest.first(length)))) {
      std::array<char, 16> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u{%x}", code_point(rest.first(length)));
      result += escape.data();
    } else {
      result += printable(piece);
    }
    rest = rest.subspan(piece.size());
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::vector<std::size_t> starts;  // of each character
  for (auto rest = as_bytes(text); !rest.empty();) {
    starts.push_back(text.size() - rest.size());
    rest = rest.subspan(std::max<std::size_t>(utf8_sequence(rest), 1));
  }
  if (starts.size() <= most) return std::string(text);
  constexpr std::string_view kLeftOut = "...";
  const std::size_t head = (most - kLeftOut.size()) / 2;
  const std::size_t tail = most - kLeftOut.size() - head;
  std::string result(text.substr(0, starts[head]));
  result += kLeftOut;
  return result += text.substr(starts[starts.size() - tail]);
}

}  // namespace tacit::cli
