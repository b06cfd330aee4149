#include "daemon/config/duration.h"

#include <charconv>
#include <cstdint>

namespace tacit {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr Unit kUnits[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::seconds(0);
  const Unit* next = std::begin(kUnits);
  std::int64_t total = 0;
  if (text.empty()) return {};
  while (!text.empty()) {
    std::uint32_t number = 0;  // from_chars takes no sign for it
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return {};
    while (next != std::end(kUnits) && next->letter != text.front()) ++next;
    if (next == std::end(kUnits)) return {};
    total += number * next->seconds;  // at most 4 * 2^32 * 86400: no overflow
    if (total > kMaxDuration.count()) return {};
    text.remove_prefix(1);
    ++next;
  }
  return std::chrono::seconds(total);
}

std::string format_duration(std::chrono::seconds duration) {
  std::int64_t left = duration.count();
  std::string text;
  for (const Unit& unit : kUnits) {
    if (left >= unit.seconds) text += std::to_string(left / unit.seconds) + unit.letter;
    left %= unit.seconds;
  }
  return text.empty() ? "0" : text;
}

}  // namespace tacit
