#include "cli/exit_code.h"

namespace tacit::cli {

ExitCode exit_code(Reason reason) noexcept {
  switch (reason) {
    case Reason::kInvalidArgument:
      return kExitUsage;
    case Reason::kLocked:
      return kExitLocked;
    case Reason::kNotFound:
      return kExitNotFound;
    case Reason::kNoDaemon:
    case Reason::kDaemonUntrusted:
      return kExitNoDaemon;
    case Reason::kWrongCredential:
      return kExitWrongCredential;
    case Reason::kVaultDamaged:
    case Reason::kRollback:
    case Reason::kFork:
    case Reason::kNotAVault:
      return kExitDamaged;
    case Reason::kPolicyDenied:
    case Reason::kUserDenied:
    case Reason::kNoPrompter:
    case Reason::kUntrustedFolder:
      return kExitRefused;
    case Reason::kNoVault:
      return kExitNoVault;
    case Reason::kVersionMismatch:
      return kExitChanged;
    case Reason::kExpired:
    case Reason::kRenewalNeeded:
    case Reason::kLoginNeeded:
    case Reason::kRenewalFailed:
      return kExitExpired;
    default:
      return kExitFailure;
  }
}

}  // namespace tacit::cli
