// `tacit-renew`: gets a token anew. Run by libtacit and tacit, never typed; see README.md.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/standard_descriptors.h"
#include "cli/token/oauth/discovery.h"
#include "cli/token/oauth/renewal.h"
#include "cli/token/oauth/task.h"
#include "client/cpp/terminal/secret_buffer.h"
#include "client/cpp/terminal/write_all.h"

namespace {

using namespace tacit;
using namespace tacit::oauth;

constexpr std::size_t kMostTaskBytes = std::size_t{64} * 1024;

// A signal handler reaches nothing but statics.
Stopper* signals_stop = nullptr;

extern "C" void stop(int) {
  const int before = errno;
  signals_stop->stop();
  errno = before;
}

void take_signals(Stopper& stopper) {
  signals_stop = &stopper;
  struct sigaction action {};
  action.sa_handler = stop;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

/// Up to a newline or the end.
Result<Task> read_task() {
  SecretBuffer line;
  for (;;) {
    char one = 0;
    const ssize_t count = ::read(STDIN_FILENO, &one, 1);
    if (count < 0 && errno == EINTR) return Error{Reason::kCancelled, "broken off"};
    if (count <= 0 || one == '\n') break;
    if (line.size() == kMostTaskBytes) {
      return Error{Reason::kInvalidArgument, "what is to be done was told in too many words"};
    }
    line.append(one);
  }
  return parse_task(line.bytes());
}

SecretBytes answer(BreakOff& break_off) {
  const auto task = read_task();
  if (!task) return line_of(task.error());
  if (task->mode == Mode::kDiscover) {
    const auto found = discover(Http(task->ca_file, &break_off), task->issuer);
    if (found) return line_of(*found);
    return line_of(Error{Reason::kRenewalFailed, found.failure().message});
  }
  const auto done = renew(*task, break_off);
  return done ? line_of(*done) : line_of(done.error());
}

}  // namespace

int main(int argc, char**) {
  // No core file shall have what will be in here. To other processes it is closed later, by Course.
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  cli::fill_standard_descriptors();
  if (argc > 1 || ::isatty(STDIN_FILENO) == 1) {
    std::fputs(
        "tacit-renew gets tokens anew for tacit and libtacit, which run it and tell it what to do\n"
        "on standard input. To have a token renewed, run `tacit token get NAME`; to log in,\n"
        "`tacit token login NAME`.\n",
        stderr);
    return 2;
  }
  try {
    BreakOff break_off(STDOUT_FILENO);
    take_signals(break_off.stopper());
    const SecretBytes line = answer(break_off);
    return write_all(STDOUT_FILENO, line.bytes(), "the answer") ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tacit-renew: %s\n", error.what());
    return 1;
  }
}
