#include "client/cpp/renewer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "client/cpp/base/file_descriptor.h"
#include "client/cpp/channel/deadline.h"
#include "client/cpp/channel/installed.h"
#include "client/cpp/channel/raw_fork.h"
#include "tacit/tokens.h"

namespace tacit {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kMostAnswer = 64 * 1024;
/// For one that was told to end to tell the daemon so.
constexpr milliseconds kGrace{3'000};

Error failed(const std::string& what) { return {Reason::kRenewalFailed, what}; }

/// What the program needs of this process's environment, and nothing that another program would
/// have to see. LD_* is left out: what it loads is ours.
std::vector<std::string> renewer_environment(const std::string& socket_path) {
  constexpr std::array<std::string_view, 10> kNames{
      "HOME=",    "USER=",    "PATH=", "LANG=",   "TERM=",
      "DISPLAY=", "BROWSER=", "TZ=",   "TMPDIR=", "DBUS_SESSION_BUS_ADDRESS="};
  constexpr std::array<std::string_view, 5> kBeginnings{"LC_", "XDG_", "TACIT_", "WAYLAND_",
                                                        "XAUTHORITY"};
  const auto is_proxy = [](std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    return name.ends_with("_proxy") || name.ends_with("_PROXY");
  };
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto begins = [text](std::string_view with) { return text.starts_with(with); };
    if (!socket_path.empty() && begins("TACIT_SOCKET=")) continue;
    if (std::ranges::any_of(kNames, begins) || std::ranges::any_of(kBeginnings, begins) ||
        is_proxy(text)) {
      kept.emplace_back(text);
    }
  }
  if (!socket_path.empty()) kept.push_back("TACIT_SOCKET=" + socket_path);
  return kept;
}

struct Exec {
  char* const* arguments;
  char* const* environment;
  int input;
  int output;
};

/// Only async-signal-safe calls, from here to the end of `stand_between`.
[[noreturn]] void become(const Exec& exec) {
  sigset_t from_terminal;
  ::sigemptyset(&from_terminal);
  for (const int number : {SIGINT, SIGHUP, SIGQUIT, SIGTERM}) ::sigaddset(&from_terminal, number);
  reset_signals(from_terminal);
  // Both are above standard error, so that no dup2 hits its own source.
  ::dup2(exec.input, STDIN_FILENO);
  ::dup2(exec.output, STDOUT_FILENO);
  if (::fcntl(STDERR_FILENO, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
  close_from(STDERR_FILENO + 1);
  ::umask(077);
  ::execve(exec.arguments[0], exec.arguments, exec.environment);
  ::_exit(127);
}

/// The program's parent. A process that runs another program is an ordinary child of its parent,
/// with SIGCHLD and all; this one does not, and so the host hears nothing of either. It passes
/// SIGTERM on; killed, it takes the program along. It holds the output open, whose end then says
/// that both are gone. Every signal is blocked.
[[noreturn]] void stand_between(const Exec& exec) {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;  // ignored, it would be waited for by nobody
  ::sigaction(SIGCHLD, &plain, nullptr);
  const pid_t here = ::getpid();
  const pid_t program = raw_fork(SIGCHLD);
  if (program == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (::getppid() != here) ::_exit(127);
    become(exec);
  }
  ::dup2(exec.output, 0);
  close_from(1);
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGTERM);
  ::sigaddset(&awaited, SIGCHLD);
  while (program > 0) {
    if (::sigwaitinfo(&awaited, nullptr) == SIGTERM) ::kill(program, SIGTERM);
    if (::waitpid(program, nullptr, WNOHANG) == program) break;
  }
  ::_exit(0);
}

FileDescriptor raised(int fd) {
  const FileDescriptor low(fd);
  return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

struct Pipe {
  FileDescriptor reader;
  FileDescriptor writer;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  Pipe out{raised(ends[0]), raised(ends[1])};
  if (!out.reader || !out.writer) return {};
  return out;
}

/// One that runs, by the process that stands between. Both are gone when this is.
class Run {
 public:
  Run(std::size_t index, pid_t child, FileDescriptor output)
      : index_(index), child_(child), output_(std::move(output)) {}
  Run(Run&& other) noexcept
      : index_(other.index_),
        child_(std::exchange(other.child_, -1)),
        output_(std::move(other.output_)),
        answer_(std::move(other.answer_)),
        answered_(other.answered_),
        ended_(other.ended_) {}
  Run& operator=(Run&&) = delete;
  ~Run() {
    if (child_ <= 0) return;
    // What has answered ends by itself; everything else has had its time.
    const Deadline until = Deadline::after(answered_ ? kGrace : milliseconds(0));
    while (answered_ && !ended_ && !until.passed()) {
      pollfd entry{output_.get(), POLLIN, 0};
      if (::poll(&entry, 1, until.poll_timeout()) > 0) read();
    }
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, __WALL) < 0 && errno == EINTR) {
    }
  }

  std::size_t index() const { return index_; }
  int fd() const { return output_.get(); }
  void tell_to_end() const { ::kill(child_, SIGTERM); }

  /// Takes what it has written. True: it has answered, or will not any more.
  bool read() {
    std::array<char, 4096> part{};
    const ssize_t count = ::read(output_.get(), part.data(), part.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    ended_ = count <= 0;
    if (count > 0 && !answered_) answer_.append(part.data(), static_cast<std::size_t>(count));
    answered_ = answered_ || answer_.find('\n') != std::string::npos;
    return ended_ || answered_ || answer_.size() > kMostAnswer;
  }

  /// None: it said nothing that could be one.
  std::optional<Result<FlatJson>> answer() const {
    auto told = parse_flat_json(answer_.substr(0, answer_.find('\n')));
    if (!told) return {};
    const auto reason = told->find("reason");
    if (reason == told->end()) return Result<FlatJson>(*std::move(told));
    const Reason code = reason_from_name(reason->second);
    return Error{code == Reason::kUnspecified ? Reason::kRenewalFailed : code, (*told)["message"]};
  }

 private:
  std::size_t index_;
  pid_t child_;
  FileDescriptor output_;
  std::string answer_;
  bool answered_ = false;
  bool ended_ = false;
};

class Runs {
 public:
  Runs(const std::string& program, std::span<const std::string> tasks,
       const std::string& socket_path)
      : program_(program),
        tasks_(tasks),
        environment_(renewer_environment(socket_path)),
        answers_(tasks.size(), failed("it was not run")) {}

  std::vector<Result<FlatJson>> all(const RenewerLimits& limits) {
    Deadline until = limits.total ? Deadline::after(*limits.total) : Deadline::never();
    while (!(running_.empty() && (given_up_ || next_ == tasks_.size()))) {
      while (!given_up_ && running_.size() < kAtOnce && next_ < tasks_.size()) start(next_++);
      if (running_.empty()) continue;
      const bool stopped = wait(until, given_up_ ? -1 : limits.stop_fd);
      if (!stopped && !until.passed()) continue;
      if (given_up_) break;
      given_up_ = stopped ? Error{Reason::kCancelled, "the renewal was broken off"}
                          : Error{Reason::kTimeout,
                                  "the renewal took too long; try again, or see "
                                  "`tacit token status`"};
      for (const Run& run : running_) run.tell_to_end();
      until = Deadline::after(kGrace);
    }
    if (given_up_) {
      for (const Run& run : running_) answers_[run.index()] = *given_up_;
      for (; next_ < tasks_.size(); ++next_) answers_[next_] = *given_up_;
    }
    running_.clear();
    return std::move(answers_);
  }

 private:
  void start(std::size_t index) {
    const std::string task = tasks_[index] + "\n";
    const std::vector<std::string> arguments{program_};
    const std::vector<char*> argv = exec_pointers(arguments);
    const std::vector<char*> envp = exec_pointers(environment_);
    auto input = make_pipe();
    auto output = make_pipe();
    // A pipe takes so much at once, and its reader is here still: neither a wait nor a SIGPIPE.
    constexpr std::size_t kPipeTakes = 64 * 1024;
    if (!input || !output || task.size() > kPipeTakes ||
        ::write(input->writer.get(), task.data(), task.size()) !=
            static_cast<ssize_t>(task.size())) {
      answers_[index] = failed("cannot speak to " + program_);
      return;
    }
    pid_t child = -1;
    {
      const AllSignalsBlocked blocked;
      child = raw_fork(0);
      if (child == 0) {
        stand_between({argv.data(), envp.data(), input->reader.get(), output->writer.get()});
      }
    }
    if (child < 0) {
      answers_[index] =
          failed("cannot start " + program_ + ": " + std::generic_category().message(errno));
      return;
    }
    ::fcntl(output->reader.get(), F_SETFL, O_NONBLOCK);
    running_.emplace_back(index, child, std::move(output->reader));
  }

  /// Until one of them says something. True: `stop_fd` stopped it.
  bool wait(const Deadline& until, int stop_fd) {
    std::vector<pollfd> entries{{stop_fd, POLLIN, 0}};
    for (const Run& run : running_) entries.push_back({run.fd(), POLLIN, 0});
    if (::poll(entries.data(), entries.size(), until.poll_timeout()) <= 0) return false;
    std::vector<Run> left;
    for (std::size_t i = 0; i < running_.size(); ++i) {
      if (entries[i + 1].revents != 0 && running_[i].read()) {
        const Error silent =
            given_up_.value_or(failed(program_ + " ended without an answer; run `tacit doctor`"));
        auto answer = running_[i].answer();
        answers_[running_[i].index()] = answer ? *std::move(answer) : Result<FlatJson>(silent);
      } else {
        left.push_back(std::move(running_[i]));
      }
    }
    running_ = std::move(left);
    return entries[0].revents != 0;
  }

  std::string program_;
  std::span<const std::string> tasks_;
  std::vector<std::string> environment_;
  std::vector<Result<FlatJson>> answers_;
  std::vector<Run> running_;
  std::size_t next_ = 0;
  std::optional<Error> given_up_;
};

}  // namespace

Result<std::string> find_renewer() {
  constexpr std::string_view kBeside = "../libexec/tacit/tacit-renew";
  const char* const daemon = std::getenv("TACIT_DAEMON");
  if (daemon != nullptr && daemon[0] == '/') {
    const std::string_view path = daemon;
    const std::string beside =
        std::string(path.substr(0, path.rfind('/') + 1)) + std::string(kBeside);
    if (is_trustworthy(beside)) return beside;
  }
  const auto found = find_installed(
      {std::string(kBeside), "../../libexec/tacit/tacit-renew", "../tacit/tacit-renew"},
      TACIT_LIBEXECDIR "/tacit-renew");
  if (found) return *found;
  return failed("the program that renews tokens, tacit-renew, is not beside " + own_file() +
                " or in " TACIT_LIBEXECDIR "; install it");
}

std::vector<Result<FlatJson>> run_renewers(const std::string& program,
                                           std::span<const std::string> tasks,
                                           const std::string& socket_path,
                                           const RenewerLimits& limits) {
  return Runs(program, tasks, socket_path).all(limits);
}

}  // namespace tacit
