// Asking the user through pinentry: one process a question.
#pragma once
#include <string>

#include "cli/pinentry/child.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// Which pinentry, and what it has to know of us.
struct PinentrySetup {
  std::string program;   ///< absolute path
  std::string terminal;  ///< for one that asks there, `/dev/pts/3`; empty: none
  int wake_fd = -1;      ///< readable: take the window away; -1: none
  /// For each step that does not wait for the user, and beyond `Window::until`.
  std::chrono::milliseconds patience{10'000};
};

/// What the user is shown. Texts are UTF-8 and fit to be shown (display_text.h).
struct Window {
  std::string title;
  /// May have newlines. Its first line is ours alone, nothing of it from anybody else: Qt takes a
  /// text for markup by what stands there.
  std::string description;
  std::string prompt;  ///< before the field
  std::string error;   ///< what was wrong with the answer before
  std::string ok;      ///< labels; `_` before the key that chooses it
  std::string not_ok;  ///< empty: no such button
  std::string cancel;
  Clock::time_point until;  ///< when no answer is a no
};

struct WindowAnswer {
  enum class Kind {
    kOk,
    kNotOk,
    kCancelled,  ///< or closed
    kTimedOut,
    kWoken,   ///< by `wake_fd`
    kFailed,  ///< pinentry did: `failure` says how
  };
  Kind kind = Kind::kFailed;
  SecretBytes text;     ///< with kOk from `ask_text`; never empty
  std::string failure;  ///< one line, for messages and the log
};

/// Asks for one line that is not shown; with `repeat`, twice, until both are the same. An empty
/// answer is asked for again, and the third is kCancelled. Waits until `window.until` and a little
/// longer, whatever pinentry does; afterwards no process of it is left.
WindowAnswer ask_text(const PinentrySetup& setup, const Window& window, bool repeat);

/// Asks a question with two buttons or three. Otherwise as above.
WindowAnswer ask_choice(const PinentrySetup& setup, const Window& window);

/// Shows a text with one button, until `window.until` at most. kOk, kTimedOut, kWoken or kFailed.
WindowAnswer show_message(const PinentrySetup& setup, const Window& window);

}  // namespace tacit::cli
