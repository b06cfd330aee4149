#include "client/cpp/channel/start.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/channel/detach.h"
#include "client/cpp/channel/installed.h"

namespace tacit {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// How long the start may take, and what ends the wait for it.
struct Patience {
  const Deadline& deadline;
  int cancel_fd;  ///< -1: none
};

/// Reads until the end, a newline or the deadline; the text before either.
Result<std::string> read_line(int fd, const Patience& patience) {
  std::string line;
  std::array<char, 512> part{};
  constexpr std::size_t kMaxLine = 4096;
  while (line.size() < kMaxLine) {
    std::array<pollfd, 2> entries{{{fd, POLLIN, 0}, {patience.cancel_fd, POLLIN, 0}}};
    const int ready = ::poll(entries.data(), entries.size(), patience.deadline.poll_timeout());
    if (ready > 0 && entries[1].revents != 0) {
      return Error{Reason::kCancelled, "the call was given up while the daemon started"};
    }
    if (ready == 0 && patience.deadline.passed()) {
      return Error{Reason::kTimeout, "the daemon did not start in time; see `tacit doctor`"};
    }
    if (ready <= 0) continue;
    const ssize_t count = ::read(fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    line.append(part.data(), static_cast<std::size_t>(count));
    if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
  }
  return line;
}

/// Runs `systemctl --user VERB tacitd.socket` to its end. Its success is seen by who connects
/// afterwards.
Result<void> tell_manager(const std::string& verb, const Patience& patience) {
  const std::string systemctl =
      is_trustworthy("/usr/bin/systemctl") ? "/usr/bin/systemctl" : "/bin/systemctl";
  auto end = run_detached({systemctl, "--user", verb, "tacitd.socket"}, daemon_environment());
  if (!end) return end.error();
  auto line = read_line(end->get(), patience);
  if (!line) return line.error();
  return {};
}

Result<void> start_by_itself(const std::string& socket_path, const Patience& patience) {
  const auto program = find_daemon();
  if (!program) return program.error();
  std::vector<std::string> variables = daemon_environment();
  if (!socket_path.empty()) {
    std::erase_if(variables, [](const auto& entry) { return entry.starts_with("TACIT_SOCKET="); });
    variables.push_back("TACIT_SOCKET=" + socket_path);
  }
  auto ready = run_detached({*program, "--ready-fd", std::to_string(kDetachedPipe)}, variables);
  if (!ready) return ready.error();
  const auto line = read_line(ready->get(), patience);
  if (!line) return line.error();
  if (*line == "ready") return {};
  constexpr std::string_view kError = "error ";
  if (line->starts_with(kError)) {
    return Error{Reason::kNoDaemon, "the daemon did not start: " + line->substr(kError.size())};
  }
  return Error{Reason::kNoDaemon, "the daemon (" + *program +
                                      ") ended before it served; run it in a terminal to see "
                                      "why"};
}

}  // namespace

bool is_listened_on(const std::string& path) {
  constexpr std::string_view kListens = " 00010000 ";  // the column Flags of proc_net(5)
  const std::string bound = " " + path;
  const FileDescriptor table(::open("/proc/net/unix", O_RDONLY | O_CLOEXEC));
  std::string rest;  // of a line that is not at its end yet
  std::array<char, 4096> part{};
  while (table) {
    const ssize_t count = ::read(table.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    rest.append(part.data(), static_cast<std::size_t>(count));
    std::size_t start = 0;
    for (std::size_t end; (end = rest.find('\n', start)) != std::string::npos; start = end + 1) {
      const std::string_view line = std::string_view(rest).substr(start, end - start);
      if (line.ends_with(bound) && line.find(kListens) != std::string_view::npos) return true;
    }
    rest.erase(0, start);
  }
  return false;
}

Result<std::string> find_daemon() {
  const std::string chosen = environment("TACIT_DAEMON");
  if (!chosen.empty()) {
    if (chosen.front() == '/' && is_trustworthy(chosen)) return chosen;
    return Error{Reason::kNoDaemon,
                 "TACIT_DAEMON names no absolute path of an executable that "
                 "only you or root can write: " +
                     chosen};
  }
  const auto found =
      find_installed({"tacitd", "../bin/tacitd", "../../bin/tacitd"}, TACIT_BINDIR "/tacitd");
  if (found) return *found;
  return Error{Reason::kNoDaemon, "no daemon answers, and there is no tacitd to start beside " +
                                      own_file() + " or in " + TACIT_BINDIR +
                                      "; install it, or set TACIT_DAEMON to its path"};
}

std::vector<std::string> daemon_environment() {
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool keep = text.starts_with("HOME=") || text.starts_with("USER=") ||
                      text.starts_with("PATH=") || text.starts_with("LANG=") ||
                      text.starts_with("XDG_") || text.starts_with("TACIT_");
    if (keep) kept.emplace_back(text);
  }
  return kept;
}

Result<void> start_daemon(const std::string& socket_path, const std::vector<SocketPlace>& places,
                          const Deadline& deadline, int cancel_fd) {
  const Patience patience{deadline, cancel_fd};
  const std::string managed = managed_socket(::geteuid());
  const auto same = [&](const SocketPlace& place) { return place.path == managed; };
  if (!managed.empty() && std::ranges::any_of(places, same)) {
    // To start what listens already would change nothing. The manager listens on a socket that
    // nobody can reach; it refuses to restart its socket while the daemon runs.
    const bool lost = !exists(managed) && is_listened_on(managed);
    const auto started = tell_manager(lost ? "restart" : "start", patience);
    // Its unit may be masked or broken; what that leaves undone is seen here.
    if (started && exists(managed)) return {};
    if (!started &&
        (started.error().code == Reason::kTimeout || started.error().code == Reason::kCancelled)) {
      return started;
    }
  }
  return start_by_itself(socket_path, patience);
}

}  // namespace tacit
