#include "cli/masker.h"

#include <algorithm>

namespace tacit::cli {
namespace {

constexpr std::string_view kMark = "***";
/// Bytes that are told leave when there are more of them, not one by one, so that it costs nothing.
constexpr std::size_t kLittle = 4096;

}  // namespace

/// What is held, what was told since the last time it was dropped, and the next byte.
Masker::Masker(const MaskPatterns& patterns)
    : patterns_(patterns), bytes_(2 * patterns.longest() + kLittle + 1) {}

void Masker::feed(std::span<const unsigned char> bytes, std::string& out) {
  for (const unsigned char byte : bytes) {
    state_ = patterns_.next(state_, byte);
    ++seen_;
    if (state_ == MaskPatterns::kStart && told_ + 1 == seen_ && hidden_.empty()) {
      out += static_cast<char>(byte);  // nothing is held: most of all output
      first_ = told_ = seen_;
      continue;
    }
    bytes_.writable()[static_cast<std::size_t>(seen_ - 1 - first_)] = byte;
    if (const std::size_t matched = patterns_.matched(state_); matched != 0) {
      hide(seen_ - matched);
    }
    tell(seen_ - patterns_.open(state_), out);
  }
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
