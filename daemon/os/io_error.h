// An errno as a status.
#pragma once
#include <string_view>

#include "absl/status/status.h"

namespace tacit {

/// `WHAT: strerror`. The reason follows the number: kPermissions (EACCES, EPERM), kDiskFull
/// (ENOSPC, EDQUOT), kReadOnly (EROFS), else kIoError.
absl::Status errno_error(int number, std::string_view what);

}  // namespace tacit
