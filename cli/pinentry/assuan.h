// The lines of the Assuan protocol, as pinentry speaks it (GnuPG, "Client responses" and "Server
// responses" of the Assuan manual). Pure: no descriptor, no process.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/cpp/terminal/secret_buffer.h"

namespace tacit::cli {

/// Longest line in either direction, in bytes without its newline.
inline constexpr std::size_t kMaxAssuanLine = 1000;

/// One line from the server.
struct AssuanLine {
  enum class Kind {
    kOk,
    kError,   ///< `code` tells which
    kData,    ///< `rest` is a piece of the answer, still escaped
    kStatus,  ///< `rest` is the keyword and what goes with it
    kIgnore,  ///< comments
    kOther,   ///< none of the protocol's answers to a command of ours
  };
  Kind kind = Kind::kOther;
  std::uint32_t code = 0;               ///< of libgpg-error, its source in the upper half
  std::span<const unsigned char> rest;  ///< behind the keyword; a view into the line
};

AssuanLine parse_assuan(std::span<const unsigned char> line);

/// Undoes `%XX`. False, and `out` is of no use: a `%` without two hexadecimal digits.
bool assuan_unescape(std::span<const unsigned char> escaped, SecretBuffer& out);

/// `VERB text` and a newline, with %, CR and LF of `text` escaped. What does not fit into a line is
/// left out between two characters, and `...` is put in its place. `verb` is one of ours.
std::string assuan_command(std::string_view verb, std::string_view text);

/// Cuts what comes in into lines. Its memory is wiped. Not thread-safe.
class AssuanLines {
 public:
  AssuanLines();
  /// Where to read to; never empty unless a line is too long.
  std::span<unsigned char> room();
  void filled(std::size_t size) noexcept { end_ += size; }
  /// The next whole line, without its newline (LF or CR LF). Valid until the next call of `room`.
  std::optional<std::span<const unsigned char>> next() noexcept;
  /// Something came in that was not handed out yet.
  bool waiting() const noexcept { return end_ != begin_; }
  /// What is waiting can no longer become a line.
  bool too_long() const noexcept { return too_long_; }

 private:
  SecretBytes block_;
  std::size_t begin_ = 0;  ///< of what was not handed out yet
  std::size_t end_ = 0;
  bool too_long_ = false;
};

}  // namespace tacit::cli
