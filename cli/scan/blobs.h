// Scanning what git keeps.
#pragma once
#include "cli/scan/report.h"

namespace tacit::cli {

/// What the next commit of the working folder's repository adds or changes, as it is staged.
/// Errors: those of Git and of Scanner::scan.
Result<ScanReport> scan_staged(Scanner& scanner);

/// Every blob, and every message, of all commits that a branch, a tag or the stash leads to; each
/// once. What is found is told with the first commit that holds it. Errors as above.
Result<ScanReport> scan_history(Scanner& scanner);

}  // namespace tacit::cli
