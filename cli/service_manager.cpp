#include "cli/service_manager.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tacit/paths.h"

namespace tacit::cli {

bool has_service_manager() { return !managed_socket(::getuid()).empty(); }

bool is_of_service(std::string_view control_groups) {
  const std::string group = "/" + std::string(kServiceUnit);
  while (!control_groups.empty()) {
    const std::size_t end = std::min(control_groups.find('\n'), control_groups.size());
    if (control_groups.substr(0, end).ends_with(group)) return true;
    control_groups.remove_prefix(std::min(end + 1, control_groups.size()));
  }
  return false;
}

bool runs_as_service(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return is_of_service(text);
}

bool service_runs(uid_t uid, const std::string& control_groups) {
  namespace fs = std::filesystem;
  const std::string number = std::to_string(uid);
  std::error_code none;
  // Of both hierarchies, and in whichever slice of the user's.
  for (const char* const hierarchy : {"", "/systemd", "/unified"}) {
    const fs::path manager = control_groups + hierarchy + "/user.slice/user-" + number +
                             ".slice/user@" + number + ".service";
    if (fs::exists(manager / kServiceUnit, none)) return true;
    for (const auto& slice : fs::directory_iterator(manager, none)) {
      if (fs::exists(slice.path() / kServiceUnit, none)) return true;
    }
  }
  return false;
}

}  // namespace tacit::cli
