// Scanning the files of folders.
#pragma once
#include <string>
#include <vector>

#include "cli/scan/report.h"

namespace tacit::cli {

/// Every regular file below `paths`, hidden and binary ones too; symbolic links are not followed,
/// but for a path that is one itself, and `.git` is left out; and the names of all that. What
/// cannot be read is told and passed by. Errors: kNotFound, one of the paths is not there; those of
/// Scanner::scan.
Result<ScanReport> scan_tree(Scanner& scanner, const std::vector<std::string>& paths);

}  // namespace tacit::cli
