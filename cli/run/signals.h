// The signals that come to this process while its command runs.
#pragma once
#include <sys/signalfd.h>

#include <csignal>
#include <optional>

#include "client/cpp/base/file_descriptor.h"

namespace tacit::cli {

/// While it lives, all that a command may be sent is received here instead of acted on, and writing
/// to a closed pipe is an error and no signal. One at a time.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  int fd() const noexcept { return fd_.get(); }
  std::optional<signalfd_siginfo> take();
  /// The mask that was before, for the command.
  const sigset_t& before() const noexcept { return before_; }

  /// Stops this process, and for another signal than SIGSTOP its whole group, as the terminal
  /// would; comes back once it goes on.
  void stop(int number);
  /// Ends this process by the signal, without a core. Comes back, with the exit code that shells
  /// have for it, only where the signal does not end a process.
  int die_by(int number);

 private:
  sigset_t before_{};
  FileDescriptor fd_;
};

}  // namespace tacit::cli
