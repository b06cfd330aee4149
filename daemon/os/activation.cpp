#include "daemon/os/activation.h"

#include <fcntl.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "daemon/os/io_error.h"

// libsystemd and not a datagram of our own: it is linked for logind anyway, so it costs nothing
// more, and knows the rules (LISTEN_PID, abstract addresses) by heart.

namespace tacit {
namespace {

// A line break in a status would start a new variable of the protocol.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

void notify(const std::string& state) {
  // Nobody listens, or too late: both are the manager's affair.
  (void)sd_notify(0, state.c_str());
}

}  // namespace

absl::StatusOr<std::vector<ActivatedSocket>> take_activated_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return errno_error(-count, "cannot take sockets from the service manager");
  std::vector<ActivatedSocket> sockets;
  sockets.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    sockets.push_back({UniqueFd(SD_LISTEN_FDS_START + i), names ? names[i] : "unknown"});
  }
  if (names) {
    for (int i = 0; names[i]; ++i) std::free(names[i]);
    std::free(names);
  }
  return sockets;
}

Readiness::Readiness(int ready_fd) {
  // A number that is no open descriptor now may become somebody else's later.
  if (ready_fd < 0 || fcntl(ready_fd, F_GETFD) == -1) return;
  pipe_.reset(ready_fd);
  fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
}

void Readiness::ready(std::string_view status) {
  notify("READY=1\nSTATUS=" + one_line(status));
  write_line("ready");
}

void Readiness::status(std::string_view status) { notify("STATUS=" + one_line(status)); }

void Readiness::stopping() { notify("STOPPING=1"); }

void Readiness::failed(std::string_view message) {
  notify("STATUS=" + one_line(message));
  write_line("error " + one_line(message));
}

void Readiness::write_line(std::string line) {
  if (!pipe_) return;
  line.push_back('\n');
  // Lines are shorter than PIPE_BUF, so one write does it; a reader that went away (SIGPIPE is
  // ignored, harden.h) no longer wants to know.
  while (write(pipe_.get(), line.data(), line.size()) < 0 && errno == EINTR) {
  }
  pipe_.reset();
}

}  // namespace tacit
