// Durations as people write them: "90s", "15m", "8h", "1h30m", "2d".
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tacit {

inline constexpr std::chrono::seconds kMaxDuration = std::chrono::hours(24 * 365);

/// Whole numbers, each with a unit of d, h, m or s, largest first and none twice; `0` alone is
/// zero. Nothing for anything else, and for more than kMaxDuration.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// The shortest text that `parse_duration` reads as this: `1h30m`, and `0` for zero. Not negative.
std::string format_duration(std::chrono::seconds duration);

}  // namespace tacit
