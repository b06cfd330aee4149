// A process that a request names by its number: one of this user's.
#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/status.h"
#include "daemon/os/peer_identity.h"

namespace tacit {

/// Error: kNotFound, there is none, or it is another user's.
inline absl::StatusOr<PeerIdentity> own_process(std::int64_t pid) {
  PeerIdentity identity;
  struct stat info {};
  const std::string folder = "/proc/" + std::to_string(pid);
  if (pid > 0 && pid <= std::numeric_limits<pid_t>::max() && ::stat(folder.c_str(), &info) == 0 &&
      info.st_uid == ::geteuid()) {
    identity.uid = info.st_uid;
    identity.pid = static_cast<pid_t>(pid);
    identity.start_time = process_start_time(identity.pid);
  }
  if (identity.start_time != 0) return identity;
  return make_error(Reason::kNotFound,
                    "there is no process " + std::to_string(pid) + " of this user");
}

}  // namespace tacit
