#include "client/cpp/channel/raw_fork.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace tacit {

pid_t raw_fork(unsigned long exit_signal) {
  return static_cast<pid_t>(::syscall(SYS_clone, exit_signal, nullptr, nullptr, nullptr, nullptr));
}

void close_from(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  const long limit = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < limit; ++fd) ::close(fd);
}

void reset_signals(const sigset_t& stay_ignored) {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction now {};
    if (::sigismember(&stay_ignored, number) == 1 && ::sigaction(number, nullptr, &now) == 0 &&
        now.sa_handler == SIG_IGN) {
      continue;
    }
    ::sigaction(number, &plain, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> exec_pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

AllSignalsBlocked::AllSignalsBlocked() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

AllSignalsBlocked::~AllSignalsBlocked() {
  const int saved = errno;
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = saved;
}

}  // namespace tacit
