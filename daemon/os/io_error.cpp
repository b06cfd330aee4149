#include "daemon/os/io_error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "daemon/base/status.h"

namespace tacit {
namespace {

Reason reason_for(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
      return Reason::kPermissions;
    case ENOSPC:
    case EDQUOT:
      return Reason::kDiskFull;
    case EROFS:
      return Reason::kReadOnly;
    default:
      return Reason::kIoError;
  }
}

}  // namespace

absl::Status errno_error(int number, std::string_view what) {
  return make_error(reason_for(number),
                    std::string(what) + ": " + std::generic_category().message(number));
}

}  // namespace tacit
