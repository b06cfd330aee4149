#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/output.h"
#include "client/cpp/base/utf8.h"

namespace tacit::cli {
namespace {

constexpr std::chrono::milliseconds kPause{100};
constexpr std::uint64_t kWidth = 40;

bool on_terminal() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void write(std::string_view text) {
  (void)write_all(STDERR_FILENO, as_bytes(text), "standard error");
}

}  // namespace

Progress::Progress(std::string doing)
    : doing_(std::move(doing)),
      terminal_(on_terminal()),
      next_(std::chrono::steady_clock::now() + kPause) {}

Progress::~Progress() {
  if (drawn_) write("\r\x1b[K");
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kPause;
  drawn_ = true;
  if (total == 0) return write("\r" + doing_ + " " + std::to_string(done));
  done = std::min(done, total);
  // In parts, for the numbers may be large.
  const double part = static_cast<double>(done) / static_cast<double>(total);
  std::string bar(static_cast<std::size_t>(part * kWidth), '#');
  bar.resize(kWidth, '.');
  write("\r" + doing_ + " [" + bar + "] " + std::to_string(static_cast<int>(part * 100)) + "%");
}

}  // namespace tacit::cli
