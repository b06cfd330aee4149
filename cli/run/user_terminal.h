// The user's terminal, while a command has another one of its own or stands in the background.
#pragma once
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#include <optional>

#include "client/cpp/base/file_descriptor.h"

namespace tacit::cli {

/// One thread, with SIGTTOU blocked. Gives the terminal back as it was.
class UserTerminal {
 public:
  /// The controlling terminal; without one, that of standard input. None: there is neither.
  static std::optional<UserTerminal> open();
  UserTerminal(UserTerminal&&) noexcept = default;
  UserTerminal& operator=(UserTerminal&&) = delete;
  ~UserTerminal();

  /// For poll(2) and read(2), which never blocks.
  int fd() const noexcept { return fd_.get(); }
  /// This process's group has it, or it is nobody's session's.
  bool in_foreground() const;
  /// Gives it to a group of this session.
  void give_to(pid_t group);
  /// Takes it back, if `give_to` gave it away.
  void take_back();

  /// Every byte as it is typed, also Ctrl-C, until `restore`.
  void make_raw();
  void restore();
  bool raw() const noexcept { return cooked_.has_value(); }

  const termios& settings() const noexcept { return settings_; }  ///< as it was opened
  winsize size() const;

 private:
  explicit UserTerminal(FileDescriptor fd, const termios& settings)
      : fd_(std::move(fd)), settings_(settings) {}

  FileDescriptor fd_;
  termios settings_{};
  std::optional<termios> cooked_;
  bool given_ = false;
};

/// A new terminal with the settings and size of another.
struct TerminalPair {
  FileDescriptor ours;    ///< the user's side; never blocks
  FileDescriptor theirs;  ///< the command's
};
std::optional<TerminalPair> new_terminal(const UserTerminal& like);

}  // namespace tacit::cli
