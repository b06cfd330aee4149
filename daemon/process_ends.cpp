#include "daemon/process_ends.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <memory>

#include "daemon/os/peer_identity.h"

namespace tacit {

void ProcessEnds::watch(pid_t pid, std::uint64_t start_time, std::function<void()> ended) {
  boost::asio::post(io_, [this, pid, start_time, ended = std::move(ended)] {
    UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process && errno != ESRCH) return;
    // The number may have become another's before it was opened.
    if (!process || process_start_time(pid) != start_time) return ended();
    const auto descriptor =
        std::make_shared<boost::asio::posix::stream_descriptor>(io_, process.release());
    descriptor->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [descriptor, ended](const boost::system::error_code& error) {
                             if (!error) ended();
                           });
  });
}

}  // namespace tacit
