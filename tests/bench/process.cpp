#include "tests/bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "tests/bench/measure.h"

namespace tacit::bench {
namespace {

constexpr int kPatienceMs = 20'000;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
}

/// For exec: pointers into `strings`, which must outlive them.
std::vector<char*> pointers(const Strings& strings) {
  std::vector<char*> out;
  for (const std::string& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  return status;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void null(int fd) { posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0); }
  void dup(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const noexcept { return fd_; }
  void reset() noexcept {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// Waits for the process to end; false after `kPatienceMs`.
bool ends(pid_t pid) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (handle.get() < 0) fail("pidfd_open");
  pollfd ended{handle.get(), POLLIN, 0};
  return poll(&ended, 1, kPatienceMs) == 1;
}

}  // namespace

double time_process_us(const Strings& argv, const Strings& environment) {
  FileActions actions;
  for (int fd = 0; fd < 3; ++fd) actions.null(fd);
  auto args = pointers(argv);
  auto env = pointers(environment);
  int status = 0;
  const double time = time_us([&] {
    pid_t pid = -1;
    errno = posix_spawn(&pid, args[0], actions.get(), nullptr, args.data(), env.data());
    if (errno != 0) fail("cannot start " + argv[0]);
    status = wait_for(pid);
  });
  errno = 0;
  if (status != 0) fail(argv[0] + " failed, wait status " + std::to_string(status));
  return time;
}

std::string output_of(const Strings& argv, const Strings& environment) {
  int ends_of_pipe[2];
  if (pipe2(ends_of_pipe, O_CLOEXEC) != 0) fail("pipe");
  const Fd reading(ends_of_pipe[0]);
  Fd writing(ends_of_pipe[1]);
  FileActions actions;
  actions.null(0);
  actions.dup(writing.get(), 1);
  auto args = pointers(argv);
  auto env = pointers(environment);
  pid_t pid = -1;
  errno = posix_spawn(&pid, args[0], actions.get(), nullptr, args.data(), env.data());
  if (errno != 0) fail("cannot start " + argv[0]);
  writing.reset();
  std::string out;
  char buffer[4096];
  for (ssize_t n; (n = read(reading.get(), buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(n));
  }
  const int status = wait_for(pid);
  errno = 0;
  if (status != 0) fail(argv[0] + " failed, wait status " + std::to_string(status));
  return out;
}

Server::Server(const Strings& argv, const Strings& environment, const std::string& scratch) {
  const Fd notify(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = scratch + "/notify";
  if (path.size() >= sizeof address.sun_path) {
    throw std::runtime_error("the scratch folder's path is too long for a socket: " + scratch);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unlink(path.c_str());
  if (bind(notify.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("bind " + path);
  }
  Strings full = environment;
  full.push_back("NOTIFY_SOCKET=" + path);
  auto args = pointers(argv);
  auto env = pointers(full);
  const std::string log = scratch + "/servers.log";
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
    execve(args[0], args.data(), env.data());
    _exit(127);
  }
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  for (;;) {
    pollfd events[2] = {{notify.get(), POLLIN, 0}, {handle.get(), POLLIN, 0}};
    errno = 0;
    const int n = poll(events, 2, kPatienceMs);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(argv[0] + " does not say that it serves");
    if (events[0].revents != 0) {
      char message[512];
      const ssize_t size = recv(notify.get(), message, sizeof message, 0);
      const std::string_view text(message, size > 0 ? static_cast<std::size_t>(size) : 0);
      if (text.find("READY=1") != std::string_view::npos) break;
    } else if (events[1].revents != 0) {
      const int status = wait_for(pid_);
      pid_ = -1;
      std::ifstream said(log);
      throw std::runtime_error(argv[0] + " ended before it served, wait status " +
                               std::to_string(status) + "\n" +
                               std::string(std::istreambuf_iterator<char>(said), {}));
    }
  }
  unlink(path.c_str());
}

Server::~Server() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
}

void Server::stop() {
  kill(pid_, SIGTERM);
  if (!ends(pid_)) throw std::runtime_error("a server does not stop on SIGTERM");
  const int status = wait_for(pid_);
  pid_ = -1;
  if (status != 0) {
    throw std::runtime_error("a server stopped with wait status " + std::to_string(status));
  }
}

double resident_kib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  }
  throw std::runtime_error("no VmRSS of process " + std::to_string(pid));
}

double sum_of_processes(int count, double seconds,
                        double (*work)(int index, const volatile bool* stop, void* context),
                        void* context) {
  struct Shared {
    volatile bool stop;
    double results[64];
  };
  if (count < 1 || count > 64) throw std::logic_error("1 to 64 processes");
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  auto* shared = static_cast<Shared*>(memory);
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      int code = 0;
      try {
        shared->results[i] = work(i, &shared->stop, context);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        code = 1;
      }
      _exit(code);
    }
    children.push_back(pid);
  }
  timespec pause{
      static_cast<time_t>(seconds),
      static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
  }
  shared->stop = true;
  double sum = 0;
  bool failed = false;
  for (int i = 0; i < count; ++i) {
    failed |= wait_for(children[static_cast<std::size_t>(i)]) != 0;
    sum += shared->results[i];
  }
  munmap(memory, sizeof(Shared));
  if (failed) throw std::runtime_error("a measuring process failed");
  return sum;
}

}  // namespace tacit::bench
