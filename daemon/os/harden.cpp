#include "daemon/os/harden.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>

#include "daemon/base/status.h"

namespace tacit {
namespace {

absl::Status refused(const std::string& step) {
  return make_error(Reason::kInternal, step + " failed: " + std::generic_category().message(errno));
}

// Standard input from /dev/null. A closed descriptor among the three would be given to the next
// socket, and messages written into it.
absl::Status settle_standard_descriptors() {
  const int null = open("/dev/null", O_RDWR);
  if (null < 0) return refused("opening /dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool wanted = fd == STDIN_FILENO || fcntl(fd, F_GETFD) == -1;
    if (wanted && fd != null && dup2(null, fd) < 0) {
      return refused("opening a standard descriptor on /dev/null");
    }
  }
  if (null > STDERR_FILENO) close(null);
  return absl::OkStatus();
}

absl::Status raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return refused("reading RLIMIT_NOFILE");
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return refused("raising RLIMIT_NOFILE");
  return absl::OkStatus();
}

}  // namespace

absl::Status harden_process() {
  // gRPC prints the bytes of calls when told to by these.
  for (const char* name : {"GRPC_TRACE", "GRPC_VERBOSITY", "GRPC_STACKTRACE_MINLOGLEVEL"}) {
    if (unsetenv(name) != 0) return refused("unsetting " + std::string(name));
  }
  umask(077);
  if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return refused("ignoring SIGPIPE");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refused("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS");
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return refused("setting RLIMIT_CORE");
  if (const auto raised = raise_descriptor_limit(); !raised.ok()) return raised;
  return settle_standard_descriptors();
}

}  // namespace tacit
