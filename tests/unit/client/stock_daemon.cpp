// A stock gRPC server that is started as the daemon is: `stock_daemon --ready-fd N`. What it is
// told by the environment decides where it listens; TACIT_TEST_* what else it does.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/unit/client/stock_server.h"

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void say(int fd, std::string_view line) {
  if (::write(fd, line.data(), line.size()) < 0) std::_Exit(3);
  ::close(fd);
}

/// What the starter made of this process, one fact a line.
void report(const std::string& path, int ready_fd) {
  std::ofstream out(path, std::ios::app);
  out << "started " << ::getpid() << '\n';
  out << "session leader's child " << (::getsid(0) != ::getpid() && ::getppid() != 0) << '\n';
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) continue;
    char target[256] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    if (::readlink(link.c_str(), target, sizeof(target) - 1) < 0) continue;
    if (path == target) continue;  // this report
    out << "descriptor " << fd << ' '
        << (fd == ready_fd && std::strncmp(target, "pipe:", 5) == 0 ? "pipe" : target) << '\n';
  }
  sigset_t blocked;
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  for (int number = 1; number < 32; ++number) {
    struct sigaction action {};
#ifdef TACIT_SANITIZER  // whose runtime takes these for itself
    if (number == SIGBUS || number == SIGFPE || number == SIGSEGV) continue;
#endif
    if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) {
      out << "signal " << number << " not default\n";
    }
    if (::sigismember(&blocked, number) == 1) out << "signal " << number << " blocked\n";
  }
  char folder[256] = {};
  out << "folder " << (::getcwd(folder, sizeof(folder)) ? folder : "?") << '\n';
  for (char** entry = environ; *entry != nullptr; ++entry) out << "environment " << *entry << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--ready-fd") return 2;
  const int ready_fd = std::atoi(argv[2]);
  const std::string log = environment("TACIT_TEST_REPORT");
  if (!log.empty()) report(log, ready_fd);
  const std::string refusal = environment("TACIT_TEST_REFUSE");
  if (!refusal.empty()) {
    say(ready_fd, "error " + refusal + "\n");
    return 1;
  }
  if (!environment("TACIT_TEST_CRASH").empty()) return 1;
  if (!environment("TACIT_TEST_SILENT").empty()) ::alarm(5), ::pause();
  std::string path = environment("TACIT_SOCKET");
  if (path.empty()) {
    const std::string folder = environment("XDG_RUNTIME_DIR") + "/tacit";
    ::mkdir(folder.c_str(), 0700);
    path = folder + "/tacit.sock";
  }
  tacit::testing::StockServer server(path);
  say(ready_fd, "ready\n");
  ::alarm(60);  // a test that forgets it leaves no process
  server.wait();
}
