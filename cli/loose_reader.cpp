#include "cli/loose_reader.h"

#include <algorithm>

namespace tacit::cli {
namespace {

/// Between two lines of a value: more, and it is another text.
constexpr std::size_t kMostBlanks = 128;

}  // namespace

LooseReader::LooseReader(const MaskAutomaton& texts, bool escapes)
    : texts_(texts), escapes_(escapes), places_(texts.longest() + 1) {}

std::optional<Stretch> LooseReader::feed(unsigned char byte, std::uint64_t place) {
  std::optional<Stretch> found;
  if (backslash_) {
    backslash_ = false;
    if (byte == 'n' || byte == 'r') {
      leave_out(2);
      return {};
    }
    found = add('\\', place - 1);
  }
  if (escapes_ && byte == '\\') {
    backslash_ = true;
  } else if (byte == '\n' || byte == '\r' || (at_line_start_ && (byte == ' ' || byte == '\t'))) {
    leave_out(1);
  } else if (const auto longer = add(byte, place); longer) {
    found = found ? Stretch{std::min(found->from, longer->from), longer->to} : *longer;
  }
  return found;
}

std::optional<Stretch> LooseReader::add(unsigned char byte, std::uint64_t place) {
  at_line_start_ = false;
  left_out_ = 0;
  state_ = texts_.next(state_, byte);
  places_[next_] = place;
  next_ = (next_ + 1) % places_.size();
  const std::size_t matched = texts_.matched(state_);
  if (matched == 0) return {};
  return Stretch{place_of_last(matched), place + 1};
}

void LooseReader::leave_out(std::size_t bytes) {
  at_line_start_ = true;
  left_out_ += bytes;
  // Nothing of it is in what ends there, so that nothing waits for what follows.
  if (texts_.open(state_) == 0 || left_out_ > kMostBlanks) state_ = MaskAutomaton::kStart;
}

/// Where in the stream the last `count` bytes of those that the automaton got begin.
std::uint64_t LooseReader::place_of_last(std::size_t count) const noexcept {
  return places_[(next_ + places_.size() - count) % places_.size()];
}

std::uint64_t LooseReader::open_from(std::uint64_t seen) const noexcept {
  if (const std::size_t open = texts_.open(state_); open != 0) return place_of_last(open);
  const bool may_begin =
      backslash_ && texts_.next(MaskAutomaton::kStart, '\\') != MaskAutomaton::kStart;
  return may_begin ? seen - 1 : seen;
}

}  // namespace tacit::cli
