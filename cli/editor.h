// The user's editor, on a text that lies in memory.
#pragma once
#include <optional>
#include <string>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// $VISUAL (unless the terminal is dumb), else $EDITOR, else `vi`; empty ones do not count. Run by
/// /bin/sh, as git runs it, so that it may be a command with arguments. vim and nvim are told to
/// leave nothing elsewhere (viminfo, swap, undo and backup files).
std::string editor_command();

/// What the text is once the editor has ended; it was a file `name` in a WipedFolder until then.
/// None: the editor removed the file. Ctrl-C and Ctrl-\ are the editor's alone meanwhile. SIGTERM
/// and SIGHUP are passed on to it and end this process once the file is wiped. Errors: those of
/// WipedFolder; kCancelled, the editor failed or was ended; kValueTooLarge, over `limit` bytes.
Result<std::optional<SecretBytes>> edit_text(const std::string& name, const SecretBytes& text,
                                             std::size_t limit);

/// Puts a text that could not be stored into a WipedFolder that stays; returns its path.
Result<std::string> keep_text(const std::string& name, const SecretBytes& text);

}  // namespace tacit::cli
