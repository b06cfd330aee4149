#include "daemon/config/settings.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include "daemon/config/duration.h"

namespace tacit {
namespace {

constexpr char kDuration[] =
    "a duration such as \"15m\", \"8h\" or \"1h30m\", at most \"365d\", or 0 for never";
constexpr char kSpan[] = "a duration such as \"10m\", \"12h\" or \"1h30m\", from 1s to \"365d\"";
constexpr char kQuestionTime[] = "a duration from 1s to \"1h\"";
constexpr std::chrono::hours kYear{24 * 365};
constexpr char kBoolean[] = "true or false";

bool store_duration(const toml::node& value, std::chrono::seconds& out) {
  std::optional<std::chrono::seconds> duration;
  if (const auto text = value.value_exact<std::string>()) {
    duration = parse_duration(*text);
  } else if (const auto number = value.value_exact<std::int64_t>(); number && *number == 0) {
    duration = std::chrono::seconds(0);  // any other number would need a unit
  }
  if (duration) out = *duration;
  return duration.has_value();
}

/// As above, but never 0.
bool store_span(const toml::node& value, std::chrono::seconds most, std::chrono::seconds& out) {
  std::chrono::seconds read{0};
  if (!store_duration(value, read) || read.count() == 0 || read > most) return false;
  out = read;
  return true;
}

bool store_policy(const toml::node& value, Config::DefaultPolicy& out) {
  const auto text = value.value_exact<std::string>();
  if (!text) return false;
  if (*text == "open")
    out = Config::DefaultPolicy::kOpen;
  else if (*text == "ask")
    out = Config::DefaultPolicy::kAsk;
  else if (*text == "confirm")
    out = Config::DefaultPolicy::kConfirm;
  else if (*text == "deny")
    out = Config::DefaultPolicy::kDeny;
  else
    return false;
  return true;
}

bool store_boolean(const toml::node& value, bool& out) {
  const auto boolean = value.value_exact<bool>();
  if (boolean) out = *boolean;
  return boolean.has_value();
}

bool store_number(const toml::node& value, std::int64_t low, std::int64_t high,
                  std::uint32_t& out) {
  const auto number = value.value_exact<std::int64_t>();
  if (!number || *number < low || *number > high) return false;
  out = static_cast<std::uint32_t>(*number);
  return true;
}

bool store_level(const toml::node& value, LogLevel& out) {
  const auto text = value.value_exact<std::string>();
  if (!text) return false;
  if (*text == "debug")
    out = LogLevel::kDebug;
  else if (*text == "info")
    out = LogLevel::kInfo;
  else if (*text == "warn")
    out = LogLevel::kWarn;
  else if (*text == "error")
    out = LogLevel::kError;
  else
    return false;
  return true;
}

bool is_variable_name(const std::string& text) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !text.empty() && text.size() <= 128 &&
         !std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), allowed);
}

bool is_marker(std::string_view text) {
  constexpr std::string_view kProgram = "program:";
  if (!text.starts_with(kProgram)) return is_variable_name(std::string(text));
  text.remove_prefix(kProgram.size());
  const auto allowed = [](unsigned char c) { return std::isgraph(c) && c != '/'; };
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed);
}

bool store_markers(const toml::node& value, Config::Agents& out) {
  const toml::array* array = value.as_array();
  if (!array || array->size() > 64) return false;
  std::vector<std::string> markers;
  for (const toml::node& element : *array) {
    const auto text = element.value_exact<std::string>();
    if (!text || !is_marker(*text)) return false;
    markers.push_back(*text);
  }
  out.markers = std::move(markers);
  out.markers_set = true;
  return true;
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string shown(std::chrono::seconds duration) {
  return duration.count() == 0 ? "0" : quoted(format_duration(duration));
}

std::string shown(bool value) { return value ? "true" : "false"; }

std::string shown(std::uint32_t number) { return std::to_string(number); }

std::string shown(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return quoted("debug");
    case LogLevel::kInfo:
      return quoted("info");
    case LogLevel::kWarn:
      return quoted("warn");
    case LogLevel::kError:
      break;
  }
  return quoted("error");
}

std::string shown(Config::DefaultPolicy policy) {
  switch (policy) {
    case Config::DefaultPolicy::kOpen:
      return quoted("open");
    case Config::DefaultPolicy::kAsk:
      return quoted("ask");
    case Config::DefaultPolicy::kConfirm:
      return quoted("confirm");
    case Config::DefaultPolicy::kDeny:
      break;
  }
  return quoted("deny");
}

/// Markers have no character that TOML escapes but these two (is_marker).
std::string shown(const std::vector<std::string>& markers) {
  std::string text;
  for (const std::string& marker : markers) {
    std::string escaped;
    for (const char c : marker) {
      if (c == '"' || c == '\\') escaped += '\\';
      escaped += c;
    }
    text += (text.empty() ? "" : ", ") + quoted(escaped);
  }
  return "[" + text + "]";
}

}  // namespace

const std::vector<Setting>& settings() {
  using Node = const toml::node&;
  static const std::vector<Setting> kSettings = {
      {"session", "idle_timeout", kDuration,
       [](Node v, Config& c) { return store_duration(v, c.session.idle_timeout); },
       [](const Config& c) { return shown(c.session.idle_timeout); }},
      {"session", "hard_timeout", kDuration,
       [](Node v, Config& c) { return store_duration(v, c.session.hard_timeout); },
       [](const Config& c) { return shown(c.session.hard_timeout); }},
      {"session", "lock_on_sleep", kBoolean,
       [](Node v, Config& c) { return store_boolean(v, c.session.lock_on_sleep); },
       [](const Config& c) { return shown(c.session.lock_on_sleep); }},
      {"session", "lock_on_screen_lock", kBoolean,
       [](Node v, Config& c) { return store_boolean(v, c.session.lock_on_screen_lock); },
       [](const Config& c) { return shown(c.session.lock_on_screen_lock); }},
      {"log", "level", "\"debug\", \"info\", \"warn\" or \"error\"",
       [](Node v, Config& c) { return store_level(v, c.log.level); },
       [](const Config& c) { return shown(c.log.level); }},
      {"limits", "max_connections", "a number from 16 to 65536",
       [](Node v, Config& c) { return store_number(v, 16, 65536, c.limits.max_connections); },
       [](const Config& c) { return shown(c.limits.max_connections); }},
      {"limits", "max_connections_per_process",
       "a number from 1 to 65536, at most limits.max_connections",
       [](Node v, Config& c) {
         return store_number(v, 1, 65536, c.limits.max_connections_per_process);
       },
       [](const Config& c) { return shown(c.limits.max_connections_per_process); }},
      {"limits", "idle_connection", kDuration,
       [](Node v, Config& c) { return store_duration(v, c.limits.idle_connection); },
       [](const Config& c) { return shown(c.limits.idle_connection); }},
      {"kdf", "target_ms", "a number of milliseconds from 250 to 10000",
       [](Node v, Config& c) { return store_number(v, 250, 10000, c.kdf.target_ms); },
       [](const Config& c) { return shown(c.kdf.target_ms); }},
      {"access", "default_policy", "\"open\", \"ask\", \"confirm\" or \"deny\"",
       [](Node v, Config& c) { return store_policy(v, c.access.default_policy); },
       [](const Config& c) { return shown(c.access.default_policy); }},
      {"access", "grant_idle", kSpan,
       [](Node v, Config& c) { return store_span(v, kYear, c.access.grant_idle); },
       [](const Config& c) { return shown(c.access.grant_idle); }},
      {"access", "grant_lifetime", kSpan,
       [](Node v, Config& c) { return store_span(v, kYear, c.access.grant_lifetime); },
       [](const Config& c) { return shown(c.access.grant_lifetime); }},
      {"access", "question_timeout", kQuestionTime,
       [](Node v, Config& c) {
         return store_span(v, std::chrono::hours(1), c.access.question_timeout);
       },
       [](const Config& c) { return shown(c.access.question_timeout); }},
      {"audit", "max_records", "a number from 100 to 10000000",
       [](Node v, Config& c) { return store_number(v, 100, 10'000'000, c.audit.max_records); },
       [](const Config& c) { return shown(c.audit.max_records); }},
      {"agents", "markers",
       "a list of at most 64 names of environment variables, or of programs as program:NAME",
       [](Node v, Config& c) { return store_markers(v, c.agents); },
       [](const Config& c) { return shown(c.agents.markers); }},
  };
  return kSettings;
}

}  // namespace tacit
