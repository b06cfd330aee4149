// Reaching the daemon's socket, and making sure whose it is.
#pragma once
#include <sys/types.h>

#include <string>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/channel/deadline.h"
#include "tacit/result.h"

namespace tacit {

/// Connects to the socket at `path` and checks that its folder can be changed by nobody but
/// `uid` and root and that the server runs as `uid`; nothing was sent when it returns. The
/// descriptor is non-blocking, close-on-exec and above 2.
/// Errors: kNoDaemon, nothing answers there; kInvalidArgument, the path is too long or
/// not absolute;
/// kDaemonUntrusted; kTimeout; kLimit, no descriptor or memory.
Result<FileDescriptor> connect_to(const std::string& path, uid_t uid, const Deadline& deadline);

}  // namespace tacit
