// What the daemon's program says when it is asked instead of started.
#pragma once
#include <string>
#include <vector>

#include "tacit/result.h"

namespace tacit::cli {

struct DaemonSays {
  bool ok = false;
  std::string said;  ///< its output; if not ok its message, without its name
};

/// Runs the tacitd that would be started, with these arguments. Errors: kNoDaemon, there is none;
/// those of run_tool.
Result<DaemonSays> ask_daemon_program(const std::vector<std::string>& arguments);

}  // namespace tacit::cli
