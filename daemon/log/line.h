// One line of the log.
#pragma once
#include <string>
#include <string_view>

#include "spdlog/common.h"

namespace tacit {

enum class LineStyle {
  kPlain,     ///< 2026-01-31T12:00:00.000Z info: message
  kTerminal,  ///< the same, the level coloured
  kJournal,   ///< <6>message (sd-daemon(3)); the journal has its own clock
};

/// With its line break. Control characters of `message`, line breaks among them, appear as \xNN:
/// what a client sends can neither forge a line nor write to a terminal.
std::string format_line(LineStyle style, spdlog::level::level_enum level,
                        spdlog::log_clock::time_point time, std::string_view message);

}  // namespace tacit
