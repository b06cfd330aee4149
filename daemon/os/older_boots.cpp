#include "daemon/os/older_boots.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "daemon/os/endpoint.h"
#include "daemon/os/unique_fd.h"

namespace tacit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSocket = "tacit.sock";
constexpr std::string_view kLock = "tacit.sock.lock";

bool is_boot_id(const std::string& name) {
  constexpr std::size_t kDigits = 32;  // a UUID without its dashes
  return name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_own(const std::string& path, mode_t type) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type &&
         info.st_uid == geteuid();
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    names.insert(entry->path().filename());
  }
  return names;
}

void remove_if_dead(const std::string& folder) {
  std::set<std::string> names = names_in(folder);
  const std::string socket = folder + "/" + std::string(kSocket);
  const std::string lock_path = folder + "/" + std::string(kLock);
  UniqueFd lock;
  if (names.erase(std::string(kLock)) != 0) {
    if (!is_own(lock_path, S_IFREG)) return;
    lock.reset(open(lock_path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!lock || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  }
  if (names.erase(std::string(kSocket)) != 0) {
    if (!is_own(socket, S_IFSOCK) || !check_nobody_listens(socket).ok()) return;
  }
  if (!names.empty()) return;
  unlink(socket.c_str());
  unlink(lock_path.c_str());
  rmdir(folder.c_str());
}

}  // namespace

void remove_older_boots(const std::string& current) {
  const fs::path here(current);
  const std::string above = here.parent_path();
  for (const std::string& name : names_in(above)) {
    const std::string folder = above + "/" + name;
    if (name != here.filename() && is_boot_id(name) && is_own(folder, S_IFDIR)) {
      remove_if_dead(folder);
    }
  }
}

}  // namespace tacit
