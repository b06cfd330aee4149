#include "daemon/log/line.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace tacit {
namespace {

struct Level {
  int priority;  // syslog(3)
  const char* word;
  const char* colour;
};

Level describe(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return {2, "critical", "\x1b[31m"};
    case spdlog::level::err:
      return {3, "error", "\x1b[31m"};
    case spdlog::level::warn:
      return {4, "warning", "\x1b[33m"};
    case spdlog::level::info:
      return {6, "info", "\x1b[32m"};
    default:
      return {7, "debug", "\x1b[36m"};
  }
}

void append_escaped(std::string& line, std::string_view message) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto byte = static_cast<unsigned char>(message[i]);
    // C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
    const bool c1 = byte == 0xC2 && i + 1 < message.size() &&
                    static_cast<unsigned char>(message[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(message[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !c1) {
      line.push_back(message[i]);
      continue;
    }
    const unsigned char shown = c1 ? static_cast<unsigned char>(message[++i]) : byte;
    line += "\\x";
    line.push_back(kHex[shown >> 4]);
    line.push_back(kHex[shown & 15]);
  }
}

std::string timestamp(spdlog::log_clock::time_point time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since - seconds);
  const std::time_t whole = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 32> date{};
  (void)std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  (void)std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(millis.count()));
  return std::string(date.data()) + fraction.data();
}

}  // namespace

std::string format_line(LineStyle style, spdlog::level::level_enum level,
                        spdlog::log_clock::time_point time, std::string_view message) {
  const Level described = describe(level);
  std::string line;
  switch (style) {
    case LineStyle::kJournal:
      line = "<" + std::to_string(described.priority) + ">";
      break;
    case LineStyle::kTerminal:
      line = timestamp(time) + " " + described.colour + described.word + "\x1b[0m: ";
      break;
    case LineStyle::kPlain:
      line = timestamp(time) + " " + described.word + ": ";
      break;
  }
  append_escaped(line, message);
  line.push_back('\n');
  return line;
}

}  // namespace tacit
