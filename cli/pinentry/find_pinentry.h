// Which pinentry to use.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/result.h"

namespace tacit::cli {

/// What decides it.
struct PinentryFacts {
  std::string chosen;             ///< by option, else $PINENTRY; then no other is tried
  bool display = false;           ///< $DISPLAY or $WAYLAND_DISPLAY
  bool terminal = false;          ///< there is one to ask on
  std::vector<std::string> path;  ///< folders to search, in turn; relative ones are passed over
};

/// From the environment: $PINENTRY, the display, the folders of $PATH and the usual ones behind
/// them.
PinentryFacts pinentry_facts(bool terminal);

/// Its absolute path. Graphical ones where there is a display, then those for a terminal where
/// there is one. It learns passphrases, so it must be an executable file that only its owner, this
/// user or root, can write. Error kNoPrompter.
Result<std::string> find_pinentry(const PinentryFacts& facts);

/// Whether it may ask on a terminal: all that are not known to have a window.
bool may_use_terminal(std::string_view program);

}  // namespace tacit::cli
