#include "cli/run/relay.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tacit::cli {
namespace {

constexpr std::size_t kMostPending = 64 * 1024;
/// A pipe that can be written takes this much at once (PIPE_BUF).
constexpr std::size_t kOneWrite = 4096;

}  // namespace

pollfd Relay::wants_input() const {
  return {pending_.size() < kMostPending ? from_.get() : -1, POLLIN, 0};
}

pollfd Relay::wants_output() const { return {pending_.empty() ? -1 : to_, POLLOUT, 0}; }

std::optional<Relay::Clock::time_point> Relay::deadline() const {
  if (masker_.held() == 0) return {};
  return last_ + (masker_.begun() < kLeastMasked ? kFewBytesWait : kManyBytesWait);
}

void Relay::let_go_if_due(Clock::time_point now) {
  if (const auto due = deadline(); due && *due <= now) masker_.let_go(pending_);
}

void Relay::read() {
  std::array<unsigned char, 16 * 1024> piece;
  while (from_ && pending_.size() < kMostPending) {
    const ssize_t got = ::read(from_.get(), piece.data(), piece.size());
    if (got > 0) {
      masker_.feed(std::span(piece).first(static_cast<std::size_t>(got)), pending_);
      last_ = Clock::now();
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN && !finishing_) {
      break;
    } else {
      end_of_input();  // a terminal whose other side is closed says EIO
    }
  }
  wipe(piece.data(), piece.size());
}

void Relay::end_of_input() {
  masker_.let_go(pending_);
  from_.close();
}

void Relay::write() {
  const ssize_t written = ::write(to_, pending_.data(), std::min(pending_.size(), kOneWrite));
  if (written > 0) {
    pending_.erase(0, static_cast<std::size_t>(written));
  } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
    // Nobody reads any more. The command is to see that, too: its next write fails.
    pending_.clear();
    from_.close();
  }
}

}  // namespace tacit::cli
