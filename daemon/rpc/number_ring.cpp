#include "daemon/rpc/number_ring.h"

#include <fcntl.h>

#include <cerrno>

namespace tacit {

bool is_closed(int number) noexcept { return ::fcntl(number, F_GETFD) == -1 && errno == EBADF; }

NumberRing::NumberRing(NumberRange range) {
  for (int i = 0; i < range.count; ++i) free_.push_back(range.first + i);
}

int NumberRing::duplicate(int socket) {
  for (std::size_t tries = free_.size(); tries > 0; --tries) {
    const int number = free_.front();
    free_.pop_front();
    if (is_closed(number)) {
      const int got = ::fcntl(socket, F_DUPFD_CLOEXEC, number);
      if (got == number) return number;
      if (got >= 0) ::close(got);
    }
    // Some library took that number: it comes round again.
    free_.push_back(number);
  }
  return -1;
}

}  // namespace tacit
