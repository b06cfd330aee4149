#include "cli/masker.h"

#include <algorithm>

namespace tacit::cli {
namespace {

constexpr std::string_view kMark = "***";
/// Bytes that are told leave when there are more of them, not one by one, so that it costs nothing.
constexpr std::size_t kLittle = 4096;

}  // namespace

/// What is held, what was told since the last time it was dropped, and the next byte; more where
/// line ends come to it.
Masker::Masker(const MaskPatterns& patterns)
    : exact_(patterns.exact()),
      bytes_(2 * std::max(exact_.longest(), patterns.over_lines().longest()) + kLittle + 1) {
  if (patterns.over_lines().empty()) return;
  for (const bool escapes : {true, false}) over_lines_.emplace_back(patterns.over_lines(), escapes);
}

void Masker::feed(std::span<const unsigned char> bytes, std::string& out) {
  for (const unsigned char byte : bytes) {
    const std::uint64_t place = seen_++;
    state_ = exact_.next(state_, byte);
    for (LooseReader& reader : over_lines_) {
      if (const auto found = reader.feed(byte, place); found) hide(*found);
    }
    const std::uint64_t open = open_from();
    if (open == seen_ && told_ == place && hidden_.empty() && exact_.matched(state_) == 0) {
      out += static_cast<char>(byte);  // nothing is held: most of all output
      first_ = told_ = seen_;
      continue;
    }
    keep(byte);
    if (const std::size_t matched = exact_.matched(state_); matched != 0) {
      hide({seen_ - matched, seen_});
    }
    tell(open, out);
  }
}

/// What may yet become a part of a value begins there.
std::uint64_t Masker::open_from() const noexcept {
  std::uint64_t from = seen_ - exact_.open(state_);
  for (const LooseReader& reader : over_lines_) from = std::min(from, reader.open_from(seen_));
  return from;
}

std::size_t Masker::begun() const noexcept {
  std::size_t most = exact_.open(state_);
  for (const LooseReader& reader : over_lines_) most = std::max(most, reader.open());
  return most;
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

/// What was told cannot be taken back.
void Masker::hide(Stretch stretch) {
  stretch.from = std::max(stretch.from, told_);
  if (stretch.from >= stretch.to) return;
  while (!hidden_.empty() && hidden_.back().to > stretch.from) {
    stretch.from = std::min(stretch.from, hidden_.back().from);
    stretch.to = std::max(stretch.to, hidden_.back().to);
    hidden_.pop_back();
  }
  hidden_.push_back(stretch);
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
