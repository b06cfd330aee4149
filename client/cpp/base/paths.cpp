#include "tacit/paths.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

namespace tacit {
namespace {

// Empty counts as unset (XDG Base Directory Specification), as does a value cut by the loader
// for a set-user-id program.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string absolute_or_empty(std::string path) {
  if (path.empty() || path.front() != '/') return {};
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string home_of(uid_t uid) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
  return found->pw_dir ? absolute_or_empty(found->pw_dir) : std::string{};
}

std::string home() {
  std::string from_environment = absolute_or_empty(environment("HOME"));
  return from_environment.empty() ? home_of(getuid()) : from_environment;
}

std::string xdg_folder(const char* variable, std::string_view below_home) {
  std::string set = absolute_or_empty(environment(variable));
  if (!set.empty()) return set;
  const std::string base = home();
  if (base.empty()) return {};
  return (base == "/" ? "" : base) + std::string(below_home);
}

std::string join(const std::string& folder, std::string_view rest) {
  return folder.empty() ? std::string{} : folder + std::string(rest);
}

// Tells one boot from the next, so that a socket left by a crash is never taken for a live one.
std::string boot_id() {
#ifdef __APPLE__
  timeval boot{};
  std::size_t size = sizeof boot;
  std::array<int, 2> name{CTL_KERN, KERN_BOOTTIME};
  if (sysctl(name.data(), name.size(), &boot, &size, nullptr, 0) == 0) {
    return std::to_string(boot.tv_sec);
  }
  return "boot";
#else
  // Not by std::ifstream, whose locales would be most of libtacit.so and of its start.
  std::array<char, 64> text{};
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? 0 : ::read(file, text.data(), text.size());
  if (file >= 0) ::close(file);
  std::string id(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  id.resize(std::min(id.size(), id.find('\n')));
  // Dashes would cost four of the 107 bytes that a socket's path may have.
  id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
  return id.empty() ? "boot" : id;
#endif
}

// Another user's folder, or one that others may enter, would let them answer in our place.
bool is_private_folder(const std::string& path, uid_t uid) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid &&
         (info.st_mode & 07777) == 0700;
}

}  // namespace

Paths user_paths() {
  Paths paths;
  paths.config_file = join(xdg_folder("XDG_CONFIG_HOME", "/.config"), "/tacit/config.toml");
  paths.vault_dir = join(xdg_folder("XDG_DATA_HOME", "/.local/share"), "/tacit/vault");
  paths.state_dir = join(xdg_folder("XDG_STATE_HOME", "/.local/state"), "/tacit");
  paths.anchor_file = join(paths.state_dir, "/anchor");
  return paths;
}

std::vector<SocketPlace> socket_places(uid_t uid) {
  std::string chosen = environment("TACIT_SOCKET");
  if (!chosen.empty()) return {{std::move(chosen), "TACIT_SOCKET"}};

  std::vector<SocketPlace> places;
  const auto add = [&places](std::string path, const char* source) {
    const auto same = [&path](const SocketPlace& place) { return place.path == path; };
    if (path.empty() || std::any_of(places.begin(), places.end(), same)) return;
    places.push_back({std::move(path), source});
  };
  add(join(absolute_or_empty(environment("XDG_RUNTIME_DIR")), "/tacit/tacit.sock"),
      "XDG_RUNTIME_DIR");
  const std::string run_user = "/run/user/" + std::to_string(uid);
  if (is_private_folder(run_user, uid)) add(run_user + "/tacit/tacit.sock", "/run/user");
  std::string state = user_paths().state_dir;
  // Without any home there is still an answer to show in an error.
  if (state.empty()) state = "/nonexistent/.local/state/tacit";
  add(state + "/run/" + boot_id() + "/tacit.sock", "state folder");
  return places;
}

std::string managed_socket(uid_t uid) {
  const auto exists = [](const std::string& path) { return access(path.c_str(), F_OK) == 0; };
  std::string runtime = environment("XDG_RUNTIME_DIR");
  if (runtime.empty()) runtime = "/run/user/" + std::to_string(uid);
  if (!exists(runtime + "/systemd/private")) return {};
  // The folders of systemd.unit(5), "User Unit Search Path".
  for (const std::string& folder :
       {xdg_folder("XDG_CONFIG_HOME", "/.config") + "/systemd/user", runtime + "/systemd/user",
        xdg_folder("XDG_DATA_HOME", "/.local/share") + "/systemd/user",
        std::string("/etc/systemd/user"), std::string("/run/systemd/user"),
        std::string("/usr/local/lib/systemd/user"), std::string("/usr/lib/systemd/user")}) {
    if (exists(folder + "/tacitd.socket")) return runtime + "/tacit/tacit.sock";
  }
  return {};
}

}  // namespace tacit
