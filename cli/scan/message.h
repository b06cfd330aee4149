// Scanning the message of a commit that is about to be made.
#pragma once
#include <string>

#include "cli/scan/report.h"

namespace tacit::cli {

/// The file as git hands it to a commit-msg hook, without the diff that `git commit -v` puts below
/// its scissors line. Errors: those of reading it (16 MiB at most) and of Scanner::scan.
Result<ScanReport> scan_message(Scanner& scanner, const std::string& path);

}  // namespace tacit::cli
