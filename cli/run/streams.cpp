#include "cli/run/streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace tacit::cli {
namespace {

Error failed() {
  return {Reason::kIoError,
          std::string("cannot mask what the command prints: ") + std::strerror(errno)};
}

/// The very same opened file: what is written to both keeps its order.
bool same_output() {
  constexpr int kFile = 0;  // KCMP_FILE
  const pid_t self = ::getpid();
  return ::syscall(SYS_kcmp, self, self, kFile, STDOUT_FILENO, STDERR_FILENO) == 0;
}

/// Returns the end that the command writes to; -1: there is no pipe to be had.
int add_pipe(MaskedStreams& made, int to, const MaskPatterns& patterns) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  made.relays.push_back(std::make_unique<Relay>(FileDescriptor(ends[0]), to, patterns));
  made.theirs.emplace_back(ends[1]);
  return ends[1];
}

}  // namespace

bool wants_terminal() noexcept {
  struct stat output {};
  const bool pipe = ::fstat(STDOUT_FILENO, &output) == 0 && S_ISFIFO(output.st_mode);
  return ::isatty(STDOUT_FILENO) == 1 || (::isatty(STDERR_FILENO) == 1 && !pipe);
}

Result<MaskedStreams> masked_streams(const UserTerminal* terminal, const MaskPatterns& patterns) {
  MaskedStreams made;
  Job::Streams& streams = made.streams;
  if (terminal != nullptr) {
    auto pair = new_terminal(*terminal);
    if (!pair) return failed();
    made.keyboard = FileDescriptor(::fcntl(pair->ours.get(), F_DUPFD_CLOEXEC, 3));
    if (!made.keyboard) return failed();
    const int side = streams.terminal = pair->theirs.get();
    if (::isatty(STDIN_FILENO) == 1) streams.input = side;
    if (::isatty(STDOUT_FILENO) == 1) streams.output = side;
    if (::isatty(STDERR_FILENO) == 1) streams.error = side;
    const int to = streams.output >= 0 ? STDOUT_FILENO : STDERR_FILENO;
    made.relays.push_back(std::make_unique<Relay>(std::move(pair->ours), to, patterns));
    made.theirs.push_back(std::move(pair->theirs));
  }
  if (streams.output < 0 && streams.error < 0 && same_output()) {
    streams.output = streams.error = add_pipe(made, STDOUT_FILENO, patterns);
    if (streams.output < 0) return failed();
    return made;
  }
  if (streams.output < 0) {
    streams.output = add_pipe(made, STDOUT_FILENO, patterns);
    if (streams.output < 0) return failed();
  }
  if (streams.error < 0) {
    streams.error = add_pipe(made, STDERR_FILENO, patterns);
    if (streams.error < 0) return failed();
  }
  return made;
}

}  // namespace tacit::cli
