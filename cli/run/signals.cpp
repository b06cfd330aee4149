#include "cli/run/signals.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace tacit::cli {
namespace {

/// Less those that tell an error of this very process, or are about its children.
sigset_t received() {
  sigset_t set;
  sigfillset(&set);
  for (const int number :
       {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGCHLD, SIGPIPE}) {
    sigdelset(&set, number);
  }
  return set;
}

sigset_t only(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = received();
  sigset_t blocked = set;
  sigaddset(&blocked, SIGPIPE);
  ::sigprocmask(SIG_BLOCK, &blocked, &before_);
  fd_ = FileDescriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

Signals::~Signals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

std::optional<signalfd_siginfo> Signals::take() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return {};
  return info;
}

void Signals::stop(int number) {
  if (number == SIGSTOP) {
    ::kill(::getpid(), SIGSTOP);
  } else {
    const sigset_t stop = only(SIGTSTP);
    ::kill(0, SIGTSTP);
    ::sigprocmask(SIG_UNBLOCK, &stop, nullptr);  // here it stops
    ::sigprocmask(SIG_BLOCK, &stop, nullptr);
  }
  const sigset_t go_on = only(SIGCONT);
  const timespec at_once{};
  while (::sigtimedwait(&go_on, nullptr, &at_once) < 0 && errno == EINTR) {
  }
}

int Signals::die_by(int number) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::signal(number, SIG_DFL);
  const sigset_t set = only(number);
  ::kill(::getpid(), number);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  constexpr int kBySignal = 128;
  return kBySignal + number;
}

}  // namespace tacit::cli
