// What `tacit run --mask` looks for: values in every form in which they are hidden, as one
// automaton (Aho and Corasick, 1975).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// The forms of one value: as it is, with CRLF for LF as a terminal prints it, and if it has at
/// most 1 KiB also as base64 (both alphabets, at any place in other data), hex, percent-encoded and
/// inside a JSON string. A newline at its end is no part of it. None: what is left has under
/// kLeastMasked bytes.
std::vector<SecretBytes> masked_forms(const SecretBytes& value);
inline constexpr std::size_t kLeastMasked = 4;

/// Not changed once it is made; for any number of streams. Wiped at its end.
class MaskPatterns {
 public:
  /// Errors: kLimit, all forms together have over 8 MiB.
  static Result<MaskPatterns> make(std::span<const SecretBytes> forms);
  MaskPatterns(MaskPatterns&& other) noexcept = default;
  MaskPatterns& operator=(MaskPatterns&&) = delete;
  ~MaskPatterns();

  using State = std::uint32_t;
  static constexpr State kStart = 0;
  State next(State state, unsigned char byte) const noexcept;
  /// How many of the last bytes may begin a form, or a longer one than they are.
  std::size_t open(State state) const noexcept { return nodes_[state].open; }
  /// How many of the last bytes are a form; the longest. 0: they are none.
  std::size_t matched(State state) const noexcept { return nodes_[state].matched; }
  /// Of all forms.
  std::size_t longest() const noexcept { return longest_; }

 private:
  struct Node {
    State first_child = 0;
    State sibling = 0;
    State shorter = 0;       ///< the longest proper suffix that begins a form
    std::uint32_t open = 0;  ///< until all are linked: its depth
    std::uint32_t matched = 0;
    unsigned char byte = 0;
  };
  MaskPatterns() = default;
  State child(State state, unsigned char byte) const noexcept;
  void insert(std::span<const unsigned char> form);
  void link();

  std::vector<Node> nodes_;
  std::size_t longest_ = 0;
  std::array<State, 256> first_{};  ///< the start's children: most bytes begin nothing
};

}  // namespace tacit::cli
