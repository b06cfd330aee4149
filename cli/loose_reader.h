// Finds texts in a stream wherever line ends, and the blanks behind them, stand in them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/mask_patterns.h"

namespace tacit::cli {

/// Positions in the stream.
struct Stretch {
  std::uint64_t from;
  std::uint64_t to;
};

/// Leaves out line ends and indentation, and gives the automaton the rest.
class LooseReader {
 public:
  /// `escapes`: CR and LF written `\r` and `\n`, as in a string of JSON, are line ends too.
  /// `texts` must outlive it.
  LooseReader(const MaskAutomaton& texts, bool escapes);

  /// The byte at `place`, which follows the one before. Returns where a text stands that it made
  /// sure of.
  std::optional<Stretch> feed(unsigned char byte, std::uint64_t place);
  /// From where on a text may have begun; `seen` if none has.
  std::uint64_t open_from(std::uint64_t seen) const noexcept;
  /// How much of a text may have come.
  std::size_t open() const noexcept { return texts_.open(state_); }

 private:
  std::optional<Stretch> add(unsigned char byte, std::uint64_t place);
  void leave_out(std::size_t bytes);
  std::uint64_t place_of_last(std::size_t count) const noexcept;

  const MaskAutomaton& texts_;
  const bool escapes_;
  MaskAutomaton::State state_ = MaskAutomaton::kStart;
  bool at_line_start_ = false;
  bool backslash_ = false;             ///< came last, and may begin a line end
  std::size_t left_out_ = 0;           ///< since the last byte that was not
  std::vector<std::uint64_t> places_;  ///< of the last bytes that the automaton got, a ring
  std::size_t next_ = 0;
};

}  // namespace tacit::cli
