#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "tacit/client.h"

namespace tacit {

Stopper::Stopper() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  read_end_ = ends[0];
  write_end_ = ends[1];
  for (const int fd : ends) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }
}

Stopper::~Stopper() {
  ::close(read_end_);
  ::close(write_end_);
}

void Stopper::stop() noexcept {
  const int saved = errno;  // of what a signal handler interrupted
  // A full pipe says the same already.
  [[maybe_unused]] const ssize_t written = ::write(write_end_, "", 1);
  errno = saved;
}

bool Stopper::stopped() const noexcept {
  pollfd entry{read_end_, POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace tacit
