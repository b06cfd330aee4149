// Running a program that does not belong to the host program.
#pragma once
#include <string>
#include <vector>

#include "client/cpp/base/file_descriptor.h"
#include "tacit/result.h"

namespace tacit {

/// The number under which the program finds the pipe's write end.
inline constexpr int kDetachedPipe = 3;

/// Runs `arguments[0]` (absolute) as a grandchild: in a session of its own, in `/`, with default
/// signals, umask 077, /dev/null on 0, 1 and 2, and no other descriptor but the pipe. Nothing of
/// what it prints is kept: until it serves it reports through the pipe, and a file of
/// its messages would be one more to guard. Returns the pipe's read end, which ends when the
/// program closes its side or ends. The host gets no SIGCHLD and no child to wait for, its fork
/// handlers do not run, and between fork and exec nothing is allocated or locked, so that a host
/// with many threads is safe. Error: kNoDaemon.
Result<FileDescriptor> run_detached(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& environment);

}  // namespace tacit
