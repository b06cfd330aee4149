#include "cli/scan/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

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

void show(std::string_view text) {
  (void)write_all(STDERR_FILENO, as_bytes(text), "standard error");
}

}  // namespace

Progress::Progress(std::uint64_t total)
    : total_(total),
      shown_(total != 0 && on_terminal()),
      next_(std::chrono::steady_clock::now() + kPause) {}

Progress::~Progress() {
  if (drawn_) show("\r\x1b[K");
}

void Progress::advance(std::uint64_t done) {
  done_ += done;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kPause;
  draw();
}

void Progress::draw() {
  const std::uint64_t done = std::min(done_, total_);
  const auto full = static_cast<std::size_t>(done * kWidth / total_);
  std::string text = "\r[" + std::string(full, '#');
  text.resize(2 + kWidth, '.');
  show(text + "] " + std::to_string(done * 100 / total_) + "%");
  drawn_ = true;
}

}  // namespace tacit::cli
