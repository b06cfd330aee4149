// A folder that only its user may enter.
#pragma once
#include <string>

#include "absl/status/status.h"

namespace tacit {

/// Makes `folder` (absolute) and what is missing above it, all 0700, then checks it as below.
absl::Status make_socket_folder(const std::string& folder);

/// A real folder (no symbolic link), this user's, 0700 or stricter, and nowhere on its path may
/// everybody rename it away (a folder writable by all needs the sticky bit). Errors:
/// kPermissions with the command that mends it; kIoError.
absl::Status check_socket_folder(const std::string& folder);

}  // namespace tacit
