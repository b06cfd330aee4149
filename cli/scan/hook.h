// Git hooks that scan what is committed.
#pragma once
#include <string>

#include "tacit/result.h"

namespace tacit::cli {

/// pre-commit, which scans what is staged; commit-msg, which alone sees the message.
enum class HookKind { kPreCommit, kCommitMessage };

enum class HookOutcome { kInstalled, kChained, kThere };

struct InstalledHook {
  HookOutcome outcome = HookOutcome::kInstalled;
  std::string path;
  std::string before;  ///< kChained: where the hook went that was there; it runs after the scan
};

/// Where git looks for the working folder's repository, core.hooksPath included. A hook that is
/// there already is kept and called. Errors: those of Git; kAlreadyExists, the name for a kept hook
/// is taken; kIoError.
Result<InstalledHook> install_hook(HookKind kind);

}  // namespace tacit::cli
