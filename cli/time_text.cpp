#include "cli/time_text.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

#include "cli/json.h"

namespace tacit::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
constexpr std::int64_t kLastMoment = 253'402'300'799'999;

/// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return {};
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return {};
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return {};
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    const std::size_t before = text.size();
    while (const auto digit = take_digits(text, 1)) {
      count = count * 10 + *digit;
      if (count > kLastMoment) return {};
    }
    if (text.size() == before || text.empty()) return {};
    std::int64_t unit = 0;
    switch (text.front()) {
      case 's':
        unit = 1'000;
        break;
      case 'm':
        unit = 60'000;
        break;
      case 'h':
        unit = 3'600'000;
        break;
      case 'd':
        unit = 86'400'000;
        break;
      case 'w':
        unit = 604'800'000;
        break;
      default:
        return {};
    }
    text.remove_prefix(1);
    if (count > kLastMoment / unit) return {};
    total += count * unit;
    if (total > kLastMoment) return {};
  }
  return total;
}

/// RFC 3339, section 5.6: full-date or date-time.
std::optional<std::int64_t> parse_date(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return {};
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return {};
  const auto day = take_digits(text, 2);
  if (!day) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return {};
  std::int64_t result = sys_time<milliseconds>(sys_days(date)).time_since_epoch().count();
  if (text.empty()) return result;

  if (!take(text, "Tt ")) return {};
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return {};
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return {};
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return {};  // 60: a leap second
  result += (*hour * 3600LL + *minute * 60LL + *second) * 1000;
  if (take(text, ".")) {
    int place = 100;
    const std::size_t before = text.size();
    while (const auto digit = take_digits(text, 1)) {
      result += *digit * place;
      place /= 10;
    }
    if (text.size() == before) return {};
  }
  if (take(text, "Zz")) return text.empty() ? std::optional(result) : std::nullopt;
  if (text.empty()) return {};
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return {};
  const auto offset_hour = take_digits(text, 2);
  if (!offset_hour || *offset_hour > 23 || !take(text, ":")) return {};
  const auto offset_minute = take_digits(text, 2);
  if (!offset_minute || *offset_minute > 59 || !text.empty()) return {};
  return result - sign * (*offset_hour * 60LL + *offset_minute) * 60'000;
}

}  // namespace

std::int64_t now_unix_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<std::int64_t> parse_expiry(std::string_view text, std::int64_t now) {
  if (text == "never") return std::int64_t{0};
  std::int64_t when = 0;
  if (const auto duration = parse_duration(text)) {
    when = now + *duration;
  } else if (const auto date = parse_date(text)) {
    when = *date;
  } else {
    return Error{Reason::kInvalidArgument,
                 "`" + std::string(text) +
                     "` is no time; say a duration (90d, 12h), a date (2027-01-31, "
                     "2027-01-31T12:00:00Z) or `never`"};
  }
  if (when > kLastMoment) {
    return Error{Reason::kInvalidArgument, "`" + std::string(text) + "` is after the year 9999"};
  }
  if (when <= now) {
    return Error{Reason::kInvalidArgument, "`" + std::string(text) +
                                               "` has passed already; say a later time, or "
                                               "`never`"};
  }
  return when;
}

Result<std::int64_t> parse_since(std::string_view text, std::int64_t now) {
  std::int64_t when = 0;
  if (const auto duration = parse_duration(text)) {
    when = std::max<std::int64_t>(now - *duration, 1);
  } else if (const auto date = parse_date(text)) {
    when = *date;
  } else {
    return Error{Reason::kInvalidArgument,
                 "`" + std::string(text) +
                     "` is no time; say how long ago (1h, 7d) or a date (2027-01-31, "
                     "2027-01-31T12:00:00Z)"};
  }
  if (when > now) {
    return Error{Reason::kInvalidArgument,
                 "`" + std::string(text) + "` is still to come; say an earlier time"};
  }
  return when;
}

std::string local_time(std::int64_t unix_ms) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(milliseconds(unix_ms)).count();
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return rfc3339(unix_ms);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

Result<std::int64_t> parse_lifetime(std::string_view text) {
  constexpr std::int64_t kLeast = 1'000;
  constexpr std::int64_t kMost = 366LL * 86'400'000;
  const auto duration = parse_duration(text);
  if (duration && *duration >= kLeast && *duration <= kMost) return *duration;
  return Error{Reason::kInvalidArgument,
               "`" + std::string(text) +
                   "` is no time from a second to 366 days; say for instance 15m, 12h or 30d"};
}

std::string rfc3339(std::int64_t unix_ms) {
  const sys_time<milliseconds> time{milliseconds(std::min(unix_ms, kLastMoment))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  const int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string result(text, static_cast<std::size_t>(length));
  if (const auto rest = clock.subseconds().count(); rest != 0) {
    (void)std::snprintf(text, sizeof text, ".%03d", static_cast<int>(rest));
    result += text;
  }
  return result + "Z";
}

void time_member(JsonWriter& json, std::string_view name, std::int64_t unix_ms) {
  json.key(name);
  if (unix_ms == 0) {
    json.null();
  } else {
    json.string(rfc3339(unix_ms));
  }
}

}  // namespace tacit::cli
