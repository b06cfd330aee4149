// What the process forbids itself before it does anything else.
#pragma once
#include "absl/status/status.h"

namespace tacit {

/// First line of main(), before the first thread and before gRPC: not dumpable, no core file, no
/// new privileges, umask 077, SIGPIPE ignored, descriptors up to the hard limit, standard input
/// from /dev/null, GRPC_TRACE and GRPC_VERBOSITY unset (they print values). Errors: kInternal
/// naming the step that the kernel refused.
absl::Status harden_process();

/// After harden_process() and still before the first thread (the filter covers threads started
/// later): no socket but AF_UNIX, no other program, no new process, no tracing, no io_uring.
/// A forbidden call fails with EPERM. In a sanitizer build it does nothing (LeakSanitizer
/// forks and traces). Errors: kInternal; kUnsupported, the kernel has no seccomp.
absl::Status install_syscall_filter();

/// Whether this build has the filter (not with sanitizers).
bool syscall_filter_available() noexcept;

}  // namespace tacit
