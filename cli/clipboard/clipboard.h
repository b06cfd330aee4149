// The user's clipboard: that of the display, or of the terminal, which may be far away (ssh).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/base/file_descriptor.h"
#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// `wl-copy` (Wayland), `xclip` (X11), `osc52` (an escape sequence that the terminal obeys, xterm's
/// "Operating System Command" 52).
enum class ClipboardWay { kWlCopy, kXclip, kOsc52 };

std::string_view clipboard_way_name(ClipboardWay way) noexcept;
std::optional<ClipboardWay> clipboard_way(std::string_view name) noexcept;
std::vector<std::string> clipboard_way_names();

/// The sequence that gives `value` to a terminal's clipboard; of an empty one, that clears it. In
/// tmux also as what tmux passes on.
SecretBytes osc52(std::span<const unsigned char> value, bool in_tmux);

class Clipboard {
 public:
  /// `way`, else that of the display ($WAYLAND_DISPLAY, then $DISPLAY) if its program is there,
  /// else the terminal's. Error kInvalidArgument: none, or not this one, and what is missing.
  static Result<Clipboard> find(std::optional<ClipboardWay> way);

  ClipboardWay way() const noexcept { return way_; }
  /// What it holds can be looked at, so that it is known whether it is still ours.
  bool readable() const noexcept { return way_ != ClipboardWay::kOsc52; }
  /// The terminal of `osc52`, else -1.
  int terminal() const noexcept { return terminal_.get(); }

  /// Errors: kIoError, kTimeout; kValueTooLarge, more than terminals take.
  Result<void> put(const SecretBytes& value) const;
  Result<SecretBytes> read() const;
  Result<void> clear() const;

 private:
  explicit Clipboard(ClipboardWay way) : way_(way) {}

  ClipboardWay way_;
  std::string writer_;  ///< absolute paths of programs
  std::string reader_;
  FileDescriptor terminal_;
};

}  // namespace tacit::cli
