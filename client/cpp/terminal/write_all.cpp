#include "client/cpp/terminal/write_all.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tacit {

Result<void> write_all(int fd, std::span<const unsigned char> bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return Error{Reason::kIoError,
                   "cannot write to " + std::string(what) + ": " + std::strerror(errno)};
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace tacit
