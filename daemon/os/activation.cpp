#include "daemon/os/activation.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tacit {
namespace {

// A line break in a status would start a new variable of the protocol.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

}  // namespace

Readiness::Readiness(int ready_fd) {
  // A number that is no open descriptor now may become somebody else's later.
  if (ready_fd < 0 || fcntl(ready_fd, F_GETFD) == -1) return;
  pipe_.reset(ready_fd);
  fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
}

void Readiness::ready(std::string_view status) {
  notify_manager("READY=1\nSTATUS=" + one_line(status));
  write_line("ready");
}

void Readiness::status(std::string_view status) { notify_manager("STATUS=" + one_line(status)); }

void Readiness::stopping() { notify_manager("STOPPING=1"); }

void Readiness::failed(std::string_view message) {
  notify_manager("STATUS=" + one_line(message));
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
