// What `tacit run --mask` looks for: values in every form in which they are hidden, as automata
// (Aho and Corasick, 1975).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// What is hidden.
struct MaskForm {
  SecretBytes text;
  bool over_lines = false;  ///< line ends (also `\n`), and blanks behind them, may stand in it
};

/// The forms of one value: as it is, with CRLF for LF as a terminal prints it, its telling lines
/// (tacit/telling_lines.h), and of several lines all of it however it is indented. If it has at
/// most 8 KiB also base64 (both alphabets, at any place in other data, wrapped or not), hex,
/// percent-encoded and inside a JSON string as encoders write it, and its telling lines in base64.
/// A newline at its end is no part of it. None: what is left has under kLeastMasked bytes.
std::vector<MaskForm> masked_forms(const SecretBytes& value);
inline constexpr std::size_t kLeastMasked = 4;

/// Finds any of several texts in one pass. Wiped at its end.
class MaskAutomaton {
 public:
  using State = std::uint32_t;
  static constexpr State kStart = 0;
  /// `bytes`: of all texts that will be inserted.
  explicit MaskAutomaton(std::size_t bytes);
  MaskAutomaton(MaskAutomaton&& other) noexcept = default;
  MaskAutomaton& operator=(MaskAutomaton&&) = delete;
  ~MaskAutomaton();

  void insert(std::span<const unsigned char> text);
  /// Once all were inserted.
  void link();

  bool empty() const noexcept { return longest_ == 0; }
  State next(State state, unsigned char byte) const noexcept {
    return state == kStart ? first_[byte] : next_of_begun(state, byte);
  }
  /// How many of the last bytes may begin a text, or a longer one than they are.
  std::size_t open(State state) const noexcept { return nodes_[state].open; }
  /// How many of the last bytes are a text; the longest. 0: they are none.
  std::size_t matched(State state) const noexcept { return nodes_[state].matched; }
  /// Of all texts.
  std::size_t longest() const noexcept { return longest_; }

 private:
  struct Node {
    State first_child = 0;
    State sibling = 0;
    State shorter = 0;       ///< the longest proper suffix that begins a text
    std::uint32_t open = 0;  ///< until all are linked: its depth
    std::uint32_t matched = 0;
    unsigned char byte = 0;
  };
  State child(State state, unsigned char byte) const noexcept;
  State next_of_begun(State state, unsigned char byte) const noexcept;

  std::vector<Node> nodes_;
  std::size_t longest_ = 0;
  std::array<State, 256> first_{};  ///< the start's children: most bytes begin nothing
};

/// Not changed once it is made; for any number of streams.
class MaskPatterns {
 public:
  /// Errors: kLimit, all forms together have over 12 MiB.
  static Result<MaskPatterns> make(std::span<const MaskForm> forms);

  const MaskAutomaton& exact() const noexcept { return exact_; }
  /// Of what may stand over lines: to be given all but line ends and the blanks behind them.
  const MaskAutomaton& over_lines() const noexcept { return over_lines_; }

 private:
  MaskPatterns(MaskAutomaton exact, MaskAutomaton over_lines)
      : exact_(std::move(exact)), over_lines_(std::move(over_lines)) {}

  MaskAutomaton exact_;
  MaskAutomaton over_lines_;
};

}  // namespace tacit::cli
