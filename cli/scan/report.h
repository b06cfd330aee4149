// What a scan has found, and what it has passed by.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/scan/names.h"
#include "cli/scan/stream.h"

namespace tacit::cli {

/// Where something was found: a file, or a blob of git's.
struct ScanOrigin {
  std::string path;    ///< as it was given or as git has it: it may be no text
  std::string commit;  ///< the first that holds it; empty: none
  std::string blob;    ///< git's id; empty: a file
};

struct ScanEntry {
  ScanOrigin origin;
  ScanPlace place;
  bool in_name = false;  ///< in the last name of the path, and not in what the file holds
};

struct UnreadableFile {
  std::string path;
  std::string reason;
};

struct ScanReport {
  std::vector<ScanEntry> found;
  std::uint64_t sources = 0;  ///< files or blobs that were read
  std::uint64_t bytes = 0;
  std::uint64_t links = 0;         ///< symbolic links, not followed
  std::uint64_t special = 0;       ///< sockets, pipes, devices
  std::uint64_t repositories = 0;  ///< folders `.git`
  std::vector<UnreadableFile> unreadable;
  ShownNames names;         ///< how paths are told
  bool of_message = false;  ///< of a commit: told only if something is found
};

/// Where each value stands, to standard output, never the value; what was not looked at or not
/// looked for, to standard error. Returns the exit code: 10, something was found; 1, nothing was
/// and something could not be read.
int report(const Context& context, const ScanReport& scan, const Scanner& scanner);

}  // namespace tacit::cli
