// A pre-commit hook that scans what is staged.
#pragma once
#include <string>

#include "tacit/result.h"

namespace tacit::cli {

enum class HookOutcome { kInstalled, kChained, kThere };

struct InstalledHook {
  HookOutcome outcome = HookOutcome::kInstalled;
  std::string path;
  std::string before;  ///< kChained: where the hook went that was there; it runs after the scan
};

/// Where git looks for the working folder's repository, core.hooksPath included. A hook that is
/// there already is kept and called. Errors: those of Git; kAlreadyExists, the name for a kept hook
/// is taken; kIoError.
Result<InstalledHook> install_hook();

}  // namespace tacit::cli
