#include "daemon/access/access.h"

#include <limits.h>
#include <unistd.h>

#include <array>

namespace tacit {

void Access::authorize(const AccessRequest&, const Verdict& verdict) { verdict(absl::OkStatus()); }

std::string describe_program(const PeerIdentity& asker) {
  const std::string pid = "pid " + std::to_string(asker.pid);
  std::array<char, PATH_MAX> target;
  const std::string link = "/proc/" + std::to_string(asker.pid) + "/exe";
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  // The pid may be another's by now: only a process of the same start time is the asker.
  if (length <= 0 || process_start_time(asker.pid) != asker.start_time) return pid;
  std::string_view path(target.data(), static_cast<std::size_t>(length));
  path.remove_prefix(path.rfind('/') + 1);
  std::string name;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) name += c;
  }
  return name + " (" + pid + ")";
}

}  // namespace tacit
