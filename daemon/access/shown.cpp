#include "daemon/access/shown.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace tacit {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "...";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode 15: general categories Cc, Cf, Zl and Zp, the fillers and selectors that show nothing
// (Default_Ignorable_Code_Point), and U+FFFC, which stands for something else. In order.
constexpr std::array kUnshown = std::to_array<Range>({
    {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
    {0x0600, 0x0605},   {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},
    {0x0890, 0x0891},   {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFC},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
});

bool unshown(std::uint32_t character) {
  const auto* const range = std::ranges::lower_bound(kUnshown, character, {}, &Range::last);
  return range != kUnshown.end() && range->first <= character;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The character that `text` begins with and how many bytes it takes; 0 if it is none (RFC 3629).
std::pair<std::uint32_t, std::size_t> first_character(std::string_view text) {
  struct Form {
    unsigned char lead;
    unsigned char mask;
    std::uint32_t lowest;  // anything less would be overlong
  };
  constexpr std::array kForms = std::to_array<Form>(
      {{0x00, 0x80, 0}, {0xC0, 0xE0, 0x80}, {0xE0, 0xF0, 0x800}, {0xF0, 0xF8, 0x10000}});
  const auto lead = static_cast<unsigned char>(text[0]);
  for (std::size_t more = 0; more < kForms.size(); ++more) {
    const Form& form = kForms[more];
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() <= more) break;
    std::uint32_t character = lead & static_cast<unsigned char>(~form.mask);
    for (const char c : text.substr(1, more)) {
      if (!continues(c)) return {};
      character = character << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
    }
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < form.lowest || character > 0x10FFFF || surrogate) break;
    return {character, more + 1};
  }
  return {};
}

// The middle goes, whole characters of it.
std::string shortened(const std::string& text, std::size_t longest) {
  const std::size_t kept = longest - kEllipsis.size();
  std::size_t head = kept / 3;
  while (head > 0 && continues(text[head])) --head;
  std::size_t tail = text.size() - (kept - kept / 3);
  while (tail < text.size() && continues(text[tail])) ++tail;
  return text.substr(0, head) + std::string(kEllipsis) + text.substr(tail);
}

}  // namespace

std::string shown(std::string_view text, std::size_t longest) {
  std::string result;
  while (!text.empty()) {
    const auto [character, length] = first_character(text);
    result += length == 0 || unshown(character) ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  longest = std::max<std::size_t>(longest, 16);
  return result.size() <= longest ? result : shortened(result, longest);
}

}  // namespace tacit
