// Asking the daemon's questions in windows, by pinentry.
#pragma once
#include "cli/pinentry/pinentry.h"
#include "tacit/access.h"

namespace tacit::cli {

/// One window after the other until the answer is there. Only the first button ever says yes: not
/// every pinentry tells `not confirmed` from a window that was closed. So the first window offers
/// the session, `More choices` one use, and after that a denial for good. Whoever closes a window,
/// is too late, or is woken, says no; a pinentry that fails is told in `Answer::failure`.
Answer ask_in_windows(const PinentrySetup& setup, const Question& question);

/// The passphrase that proves a prompter. None: it was not given.
std::optional<Credential> ask_proof_in_window(const PinentrySetup& setup, const std::string& error);

/// Shows what happened; a minute at most, since questions may be waiting.
void notify_in_window(const PinentrySetup& setup, const std::string& notice);

}  // namespace tacit::cli
