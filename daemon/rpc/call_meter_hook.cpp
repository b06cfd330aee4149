// In front of libc's recvmsg(2), by which gRPC reads.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "daemon/base/status.h"
#include "daemon/rpc/call_meter.h"

namespace {

/// gRPC reads into four blocks at most.
constexpr std::size_t kMaxParts = 8;

bool allows(int fd, const msghdr& message, std::size_t size) {
  std::array<std::span<const unsigned char>, kMaxParts> parts;
  std::size_t count = 0;
  for (; count < std::min<std::size_t>(message.msg_iovlen, kMaxParts) && size > 0; ++count) {
    const iovec& part = message.msg_iov[count];
    const std::size_t filled = std::min(part.iov_len, size);
    parts[count] = {static_cast<const unsigned char*>(part.iov_base), filled};
    size -= filled;
  }
  return tacit::meter_allows(fd, std::span(parts).first(count));
}

}  // namespace

// Default visibility, or the library would find libc's.
extern "C" __attribute__((visibility("default"))) ssize_t recvmsg(int fd, msghdr* message,
                                                                  int flags) {
  const ssize_t got = ::syscall(SYS_recvmsg, fd, message, flags);
  if (got <= 0 || allows(fd, *message, static_cast<std::size_t>(got))) return got;
  ::shutdown(fd, SHUT_RDWR);
  return 0;  // as at the end of a connection
}

namespace tacit {

absl::Status check_call_meter() {
  if (::dlsym(RTLD_DEFAULT, "recvmsg") == reinterpret_cast<const void*>(&recvmsg)) {
    return absl::OkStatus();
  }
  return make_error(Reason::kInternal,
                    "one client could take all of the daemon's time and memory: the function that "
                    "prevents it is not linked in front of libc's recvmsg");
}

}  // namespace tacit
