// Scanning what git keeps.
#pragma once
#include "cli/scan/report.h"

namespace tacit::cli {

/// What the next commit of the working folder's repository adds or changes, as it is staged, and
/// the names of these files.
/// Errors: those of Git and of Scanner::scan.
Result<ScanReport> scan_staged(Scanner& scanner);

/// Every blob, every name of a file, and every message, also of tags, of all commits that a branch,
/// a tag or the stash leads to; each once. What is found is told with the first commit that holds
/// it. Errors as above.
Result<ScanReport> scan_history(Scanner& scanner);

}  // namespace tacit::cli
