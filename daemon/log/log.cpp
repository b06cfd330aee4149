#include "daemon/log/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "daemon/log/line.h"
#include "spdlog/sinks/base_sink.h"

namespace tacit {
namespace {

// Whether `fd` is the very stream that systemd connected to the journal: the variable is
// inherited by children whose output goes elsewhere.
bool is_journal(int fd) {
  const char* variable = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (!variable || fstat(fd, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == variable;
}

class StandardErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  StandardErrorSink()
      : style_(is_journal(STDERR_FILENO) ? LineStyle::kJournal
               : isatty(STDERR_FILENO)   ? LineStyle::kTerminal
                                         : LineStyle::kPlain) {}

 private:
  // One write a line, so that lines of several programs do not mix, and nothing to flush.
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string line =
        format_line(style_, message.level, message.time,
                    std::string_view(message.payload.data(), message.payload.size()));
    std::string_view rest = line;
    while (!rest.empty()) {
      const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // a log that cannot be written must not stop the daemon
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void flush_() override {}

  LineStyle style_;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

Logger make_logger(LogLevel level) {
  auto logger = std::make_shared<spdlog::logger>("tacitd", std::make_shared<StandardErrorSink>());
  logger->set_level(spdlog_level(level));
  return logger;
}

std::string loggable_name(const Logger& logger, std::string_view name) {
  return logger->should_log(spdlog::level::debug) ? std::string(name) : "(name hidden)";
}

}  // namespace tacit
