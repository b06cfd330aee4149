// What `tacit` exits with.
#pragma once
#include "tacit/reason.h"

namespace tacit::cli {

/// Part of the promise to scripts; none is ever used for another thing.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitLocked = 3,
  kExitNotFound = 4,
  kExitNoDaemon = 5,
  kExitWrongCredential = 6,
  kExitDamaged = 7,
  kExitRefused = 8,
  kExitNoVault = 9,
  kExitFound = 10,  ///< a check found something
  kExitChanged = 11,
  kExitExpired = 12,
  kExitRunFailure = 125,
  kExitRunNotExecutable = 126,
  kExitRunNotFound = 127,
};

/// The exit code of an error; kExitFailure for a reason without one of its own.
ExitCode exit_code(Reason reason) noexcept;

}  // namespace tacit::cli
