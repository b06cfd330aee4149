// Runs a command that is not exec'd: its output is masked, or it is restarted when a secret
// changes. To whoever started `tacit` it looks as if it were the command.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "cli/mask_patterns.h"
#include "cli/run/change_watch.h"
#include "cli/run/launch.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// From SIGTERM to SIGKILL, when a command is restarted.
inline constexpr std::chrono::seconds kGrace{10};

/// The command with its values.
struct Run {
  Launch launch;
  std::vector<MaskForm> forms;  ///< what to hide; none: the output is left alone
};

struct Supervision {
  bool mask = false;
  ChangeWatch* watch = nullptr;  ///< nullptr: nothing is watched
  /// With `watch`: something may have changed. None: nothing has, or it was told why it is not
  /// taken over. Must not ask on the terminal. It is told by `say`.
  std::function<std::optional<Run>(const std::function<void(const std::string&)>& say)> renew;
};

/// Until the command has ended. Returns its exit code, or ends this process by the command's
/// signal; 125 and a message where it cannot be run.
int supervise(Run first, const Supervision& supervision);

}  // namespace tacit::cli
