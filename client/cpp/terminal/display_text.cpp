#include "client/cpp/terminal/display_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "client/cpp/base/utf8.h"

namespace tacit {
namespace {

// From `first` to `last`.
struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};

// C0, DEL and C1; then, of Unicode 15, DerivedCoreProperties.txt (Default_Ignorable_Code_Point) and
// PropList.txt (Bidi_Control), the separators of line and paragraph, other blanks than U+0020, and
// what has no meaning of its own (private use).
constexpr std::array kUnseen = {
    CodePoints{0, 0x1f},          CodePoints{0x7f, 0x9f},       CodePoints{0xa0, 0xa0},
    CodePoints{0xad, 0xad},       CodePoints{0x34f, 0x34f},     CodePoints{0x61c, 0x61c},
    CodePoints{0x115f, 0x1160},   CodePoints{0x1680, 0x1680},   CodePoints{0x17b4, 0x17b5},
    CodePoints{0x180b, 0x180f},   CodePoints{0x2000, 0x200f},   CodePoints{0x2028, 0x202f},
    CodePoints{0x205f, 0x206f},   CodePoints{0x2800, 0x2800},   CodePoints{0x3000, 0x3000},
    CodePoints{0x3164, 0x3164},   CodePoints{0xe000, 0xf8ff},   CodePoints{0xfe00, 0xfe0f},
    CodePoints{0xfeff, 0xfeff},   CodePoints{0xffa0, 0xffa0},   CodePoints{0xfff0, 0xfffb},
    CodePoints{0x1bca0, 0x1bca3}, CodePoints{0x1d173, 0x1d17a}, CodePoints{0xe0000, 0xe0fff},
    CodePoints{0xf0000, 0x10ffff}};

bool is_unseen(std::uint32_t point) {
  return std::ranges::any_of(kUnseen, [point](const CodePoints& range) {
    return point >= range.first && point <= range.last;
  });
}

/// A byte as `\x1b`, anything beyond ASCII as `\u{202e}`.
std::string escaped(std::span<const unsigned char> piece) {
  std::array<char, 16> text{};
  const bool character = piece.size() > 1;
  std::snprintf(text.data(), text.size(), character ? "\\u{%x}" : "\\x%02x", code_point(piece));
  return text.data();
}

}  // namespace

std::string visible(std::string_view text) {
  std::string result;
  for (auto rest = as_bytes(text); !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    const auto piece = rest.first(std::max<std::size_t>(length, 1));
    if (length == 0 || is_unseen(code_point(piece))) {
      result += escaped(piece);
    } else {
      result.append(piece.begin(), piece.end());
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

}  // namespace tacit
