// The daemon's log: spdlog to standard error, which is the journal under systemd.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "daemon/config/config.h"  // LogLevel
#include "spdlog/logger.h"

namespace tacit {

/// Thread-safe. Made once by main and handed on; nothing uses spdlog's default logger.
using Logger = std::shared_ptr<spdlog::logger>;

/// Lines go to standard error: `<6>message` when that is the journal (JOURNAL_STREAM,
/// systemd.exec(5)), else time, level and message, coloured on a terminal only. Each line is one
/// write, and control characters in it are escaped, so that no client forges a line.
Logger make_logger(LogLevel level);

/// A name of a secret or a collection, for a log line: the name where the level is debug,
/// else `(name hidden)`. Values are never logged: no function here takes SecretBytes.
std::string loggable_name(const Logger& logger, std::string_view name);

}  // namespace tacit
