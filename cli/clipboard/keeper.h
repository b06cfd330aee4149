// The process that clears the clipboard when a secret was in it for long enough.
#pragma once
#include <array>
#include <chrono>

#include "cli/clipboard/clipboard.h"

namespace tacit::cli {

/// What is left of a value to know it again: its hash under a key that nobody else has.
class Trace {
 public:
  explicit Trace(const SecretBytes& value);
  bool is_of(const SecretBytes& value) const;

 private:
  std::array<unsigned char, 32> hash_of(const SecretBytes& value) const;

  std::array<unsigned char, 32> key_{};
  std::array<unsigned char, 32> hash_{};
};

/// Starts it, in a session of its own. It clears the clipboard after `time`, suspend counted, or
/// at once when it is told to end (SIGTERM, SIGHUP) or the shell ends in whose terminal it was
/// copied; when the terminal itself goes it just ends. Call it when no secret is left in this
/// process. Error kIoError.
Result<void> start_clipboard_keeper(const Clipboard& clipboard, const Trace& trace,
                                    std::chrono::milliseconds time);

}  // namespace tacit::cli
