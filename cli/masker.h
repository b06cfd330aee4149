// One stream of a command's output, with `***` where a value stood.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "cli/loose_reader.h"
#include "cli/mask_patterns.h"

namespace tacit::cli {

/// However the stream is cut into pieces, what comes out is the same, unless `let_go` was called.
/// Values that overlap are hidden together. Not thread-safe. Three read along: of what may stand
/// over lines one takes `\n` for a line end and one takes it as it is, since `\` may also end what
/// is before a value.
class Masker {
 public:
  /// `patterns` must outlive it.
  explicit Masker(const MaskPatterns& patterns);
  Masker(const Masker&) = delete;
  Masker& operator=(const Masker&) = delete;

  /// Appends to `out` what can be no part of a value any more.
  void feed(std::span<const unsigned char> bytes, std::string& out);
  /// How many bytes are held back, since they may begin a value.
  std::size_t held() const noexcept { return static_cast<std::size_t>(seen_ - told_); }
  /// How much of a value may have come, told or not.
  std::size_t begun() const noexcept;
  /// Appends what is held. If a value goes on after them, its rest is hidden yet.
  void let_go(std::string& out);

 private:
  std::uint64_t open_from() const noexcept;
  void keep(unsigned char byte);
  void hide(Stretch stretch);
  void tell(std::uint64_t to, std::string& out);
  void drop_told();

  const MaskAutomaton& exact_;
  MaskAutomaton::State state_ = MaskAutomaton::kStart;
  std::vector<LooseReader> over_lines_;  ///< none: nothing may stand over lines
  SecretBytes bytes_;                    ///< those from `first_` to `seen_`, and room
  std::uint64_t first_ = 0;
  std::uint64_t told_ = 0;
  std::uint64_t seen_ = 0;
  std::deque<Stretch> hidden_;  ///< in order, apart, all to be told
  bool marked_ = false;         ///< the first of them has its mark
};

}  // namespace tacit::cli
