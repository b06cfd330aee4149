#include "cli/masker.h"

#include <algorithm>

namespace tacit::cli {
namespace {

constexpr std::string_view kMark = "***";
/// Bytes that are told leave when there are more of them, not one by one, so that it costs nothing.
constexpr std::size_t kLittle = 4096;
/// Between two lines of a value: more, and it is another text.
constexpr std::size_t kMostBlanks = 128;

}  // namespace

/// What is held, what was told since the last time it was dropped, and the next byte; more where
/// line ends come to it.
Masker::Masker(const MaskPatterns& patterns)
    : exact_(patterns.exact()),
      over_lines_(patterns.over_lines()),
      loose_places_(over_lines_.longest() + 1),
      bytes_(2 * std::max(exact_.longest(), over_lines_.longest()) + kLittle + 1) {}

void Masker::feed(std::span<const unsigned char> bytes, std::string& out) {
  for (const unsigned char byte : bytes) {
    state_ = exact_.next(state_, byte);
    ++seen_;
    if (!over_lines_.empty()) feed_loose(byte);
    const bool nothing_begun =
        state_ == MaskAutomaton::kStart && loose_state_ == MaskAutomaton::kStart;
    if (nothing_begun && told_ + 1 == seen_ && hidden_.empty()) {
      out += static_cast<char>(byte);  // nothing is held: most of all output
      first_ = told_ = seen_;
      continue;
    }
    keep(byte);
    if (const std::size_t matched = exact_.matched(state_); matched != 0) hide(seen_ - matched);
    if (const std::size_t matched = blanks_ == 0 ? over_lines_.matched(loose_state_) : 0;
        matched != 0) {
      hide(loose_place(matched));
    }
    tell(std::min(seen_ - exact_.open(state_), loose_open()), out);
  }
}

void Masker::feed_loose(unsigned char byte) {
  const bool line_end = byte == '\n' || byte == '\r';
  if (line_end || (at_line_start_ && (byte == ' ' || byte == '\t'))) {
    at_line_start_ = true;
    // Nothing of it is in what ends there, so that nothing waits for what follows.
    if (over_lines_.open(loose_state_) == 0 || ++blanks_ > kMostBlanks) {
      loose_state_ = MaskAutomaton::kStart;
    }
    return;
  }
  at_line_start_ = false;
  blanks_ = 0;
  loose_state_ = over_lines_.next(loose_state_, byte);
  loose_places_[loose_next_] = seen_ - 1;
  loose_next_ = (loose_next_ + 1) % loose_places_.size();
}

/// Where in the stream the last `count` bytes of those that `over_lines_` got begin.
std::uint64_t Masker::loose_place(std::size_t count) const noexcept {
  const std::size_t size = loose_places_.size();
  return loose_places_[(loose_next_ + size - count) % size];
}

std::uint64_t Masker::loose_open() const noexcept {
  const std::size_t open = over_lines_.open(loose_state_);
  return open == 0 ? seen_ : loose_place(open);
}

std::size_t Masker::begun() const noexcept {
  return std::max(exact_.open(state_), over_lines_.open(loose_state_));
}

void Masker::keep(unsigned char byte) {
  const auto at = static_cast<std::size_t>(seen_ - 1 - first_);
  if (at == bytes_.size()) {
    SecretBytes more(2 * bytes_.size());
    std::ranges::copy(bytes_.bytes(), more.writable().begin());
    bytes_ = std::move(more);
  }
  bytes_.writable()[at] = byte;
}

void Masker::let_go(std::string& out) { tell(seen_, out); }

/// From there to what was seen last; what was told cannot be taken back.
void Masker::hide(std::uint64_t from) {
  from = std::max(from, told_);
  while (!hidden_.empty() && hidden_.back().to > from) {
    from = std::min(from, hidden_.back().from);
    hidden_.pop_back();
  }
  hidden_.push_back({from, seen_});
}

void Masker::tell(std::uint64_t to, std::string& out) {
  while (told_ < to) {
    if (!hidden_.empty() && hidden_.front().from <= told_) {
      if (!marked_) out += kMark;
      told_ = std::min(to, hidden_.front().to);
      marked_ = told_ < hidden_.front().to;
      if (!marked_) hidden_.pop_front();
      continue;
    }
    const std::uint64_t end = hidden_.empty() ? to : std::min(to, hidden_.front().from);
    const auto begin = bytes_.bytes().begin() + static_cast<std::ptrdiff_t>(told_ - first_);
    out.append(begin, begin + static_cast<std::ptrdiff_t>(end - told_));
    told_ = end;
  }
  drop_told();
}

void Masker::drop_told() {
  const auto told = static_cast<std::size_t>(told_ - first_);
  if (told_ != seen_ && (told <= kLittle || told <= held())) return;
  const auto bytes = bytes_.writable();
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(told), held(), bytes.begin());
  first_ = told_;
}

}  // namespace tacit::cli
