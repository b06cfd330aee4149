// A secret in the clipboard, for a while.
#pragma once
#include <chrono>
#include <string>

#include "cli/clipboard/clipboard.h"
#include "tacit/result.h"

namespace tacit::cli {

inline constexpr std::chrono::milliseconds kClipboardTime{45'000};

/// Copies `value`, says so on standard error (`what`), and leaves a process behind that clears the
/// clipboard after `time` (0: nobody does) if it holds that value yet; a terminal cannot be asked
/// and is cleared in any case, unless something was copied to it again in the meantime by Tacit.
/// That process has no copy of the value. Errors: those of Clipboard::put.
Result<void> copy_for_a_while(const Clipboard& clipboard, SecretBytes value,
                              std::chrono::milliseconds time, const std::string& what);

}  // namespace tacit::cli
