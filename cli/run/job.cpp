#include "cli/run/job.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "cli/exit_code.h"

namespace tacit::cli {
namespace {

/// What the process between says, each in one packet.
struct Report {
  enum class Kind : int { kStarted, kStopped, kExited, kKilled, kFailed } kind;
  int number;  ///< pid, signal, code or errno
};

void report(int to, Report::Kind kind, int number) {
  const Report packet{kind, number};
  (void)::send(to, &packet, sizeof packet, MSG_NOSIGNAL);
}

void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExitRunFailure);  // it had ended before
}

void direct(int from, int to) {
  if (from >= 0) ::dup2(from, to);
}

[[noreturn]] void be_the_command(const Job::Streams& streams, const sigset_t& signals, pid_t parent,
                                 const std::function<int()>& body) {
  end_with(parent);
  ::setpgid(0, 0);
  // SIGTTOU is blocked, so that this is allowed from where it begins, in the background.
  if (streams.terminal >= 0) ::tcsetpgrp(streams.terminal, ::getpid());
  direct(streams.input, STDIN_FILENO);
  direct(streams.output, STDOUT_FILENO);
  direct(streams.error, STDERR_FILENO);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::_exit(body());
}

/// What the terminal and others send to this process's group is for the command.
void ignore_signals() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1,
                           SIGUSR2, SIGALRM, SIGPIPE}) {
    ::signal(number, SIG_IGN);
  }
}

[[noreturn]] void be_between(const Job::Streams& streams, const sigset_t& signals, pid_t parent,
                             int reports, const std::function<int()>& body) {
  end_with(parent);
  if (streams.terminal >= 0 && (::setsid() < 0 || ::ioctl(streams.terminal, TIOCSCTTY, 0) != 0)) {
    report(reports, Report::Kind::kFailed, errno);
    ::_exit(kExitRunFailure);
  }
  const pid_t self = ::getpid();
  const pid_t command = ::fork();
  if (command == 0) {
    ::close(reports);
    be_the_command(streams, signals, self, body);
  }
  if (command < 0) {
    report(reports, Report::Kind::kFailed, errno);
    ::_exit(kExitRunFailure);
  }
  ::setpgid(command, command);
  ignore_signals();
  // Pipes and terminals are held by the command and by who reads them, and by nobody between.
  const auto kept = static_cast<unsigned>(reports);
  ::close_range(STDERR_FILENO + 1, kept - 1, 0);
  ::close_range(kept + 1, ~0U, 0);
  report(reports, Report::Kind::kStarted, command);
  for (;;) {
    siginfo_t info{};
    // Not reaped before the end, so that its number and group stay its own.
    if (::waitid(P_PID, static_cast<id_t>(command), &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      ::_exit(kExitRunFailure);
    }
    if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
      ::waitid(P_PID, static_cast<id_t>(command), &info, WSTOPPED | WNOHANG);
      report(reports, Report::Kind::kStopped, info.si_status);
      continue;
    }
    report(reports, info.si_code == CLD_EXITED ? Report::Kind::kExited : Report::Kind::kKilled,
           info.si_status);
    break;
  }
  char end = 0;
  while (::recv(reports, &end, 1, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

Error failed(int error) {
  return {Reason::kIoError, std::string("cannot start a process: ") + std::strerror(error)};
}

}  // namespace

Result<Job> Job::start(const Streams& streams, const sigset_t& signals,
                       const std::function<int()>& body) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return failed(errno);
  }
  FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const pid_t self = ::getpid();
  const pid_t between = ::fork();
  if (between < 0) return failed(errno);
  if (between == 0) {
    ours.close();
    be_between(streams, signals, self, theirs.get(), body);
  }
  theirs.close();
  Job job(between, std::move(ours));
  Report first{Report::Kind::kFailed, ECHILD};
  while (::recv(job.fd(), &first, sizeof first, 0) < 0 && errno == EINTR) {
  }
  if (first.kind != Report::Kind::kStarted) return failed(first.number);
  job.pid_ = first.number;
  return job;
}

Job::~Job() {
  if (!reports_) return;  // moved from
  if (pid_ > 0 && !ended_) signal_group(SIGKILL);
  reports_.close();
  while (::waitpid(between_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<Job::Event> Job::take() {
  Report next{};
  const ssize_t got = ::recv(reports_.get(), &next, sizeof next, MSG_DONTWAIT);
  if (got < 0) return {};
  ended_ = got != sizeof next || next.kind != Report::Kind::kStopped;
  if (got != sizeof next) return Event{Event::Kind::kKilled, SIGKILL};  // with who was between
  switch (next.kind) {
    case Report::Kind::kStopped:
      return Event{Event::Kind::kStopped, next.number};
    case Report::Kind::kExited:
      return Event{Event::Kind::kExited, next.number};
    default:
      return Event{Event::Kind::kKilled, next.number};
  }
}

void Job::signal_group(int number) const noexcept { ::kill(-pid_, number); }
void Job::signal_process(int number) const noexcept { ::kill(pid_, number); }

bool Job::group_runs() const {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string text;
    if (!std::getline(file, text)) continue;  // no process, or gone
    // proc(5): pid (name) state parent group ...; the name may hold anything.
    std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
    char state = 0;
    pid_t parent = 0;
    pid_t group = 0;
    if (fields >> state >> parent >> group && group == pid_ && state != 'Z') return true;
  }
  return false;
}

}  // namespace tacit::cli
