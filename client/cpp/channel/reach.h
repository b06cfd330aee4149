// Finding the daemon, and starting it when it does not run.
#pragma once
#include <string>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/channel/deadline.h"
#include "tacit/result.h"

namespace tacit {

/// A socket on which this user's daemon answers: `socket_path`, or if that is empty the first
/// of tacit::socket_places() where something listens. If none does and `autostart` (and the
/// variable TACIT_AUTOSTART is not `0`), starts the daemon; however many processes ask at once,
/// one of them does. Errors: those of connect_to and start_daemon; kCancelled once `cancel_fd` (-1:
/// none) is readable.
Result<FileDescriptor> reach_daemon(const std::string& socket_path, bool autostart,
                                    const Deadline& deadline, int cancel_fd = -1);

/// Whether the service manager listens on the first of the places where `reach_daemon` looks.
bool is_managed(const std::string& socket_path);

}  // namespace tacit
