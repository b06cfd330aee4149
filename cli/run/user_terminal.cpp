#include "cli/run/user_terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tacit::cli {

std::optional<UserTerminal> UserTerminal::open() {
  // Opened anew, so that what is set on this descriptor is nobody else's.
  constexpr int kFlags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  for (const char* path : {"/dev/tty", "/proc/self/fd/0"}) {
    FileDescriptor fd(::open(path, kFlags));
    termios settings{};
    if (fd && ::tcgetattr(fd.get(), &settings) == 0) return UserTerminal(std::move(fd), settings);
  }
  return {};
}

UserTerminal::~UserTerminal() {
  if (!fd_) return;  // moved from
  restore();
  take_back();
}

bool UserTerminal::in_foreground() const {
  const pid_t group = ::tcgetpgrp(fd_.get());
  return group < 0 ? errno == ENOTTY : group == ::getpgrp();
}

void UserTerminal::give_to(pid_t group) {
  if (::tcsetpgrp(fd_.get(), group) == 0) given_ = true;
}

void UserTerminal::take_back() {
  if (given_) ::tcsetpgrp(fd_.get(), ::getpgrp());
  given_ = false;
}

void UserTerminal::make_raw() {
  termios now{};
  if (cooked_ || ::tcgetattr(fd_.get(), &now) != 0) return;
  termios wanted = now;
  ::cfmakeraw(&wanted);
  if (::tcsetattr(fd_.get(), TCSADRAIN, &wanted) == 0) cooked_ = now;
}

void UserTerminal::restore() {
  // In the background it is another's to set.
  if (cooked_ && in_foreground()) ::tcsetattr(fd_.get(), TCSADRAIN, &*cooked_);
  cooked_.reset();
}

winsize UserTerminal::size() const {
  winsize size{};
  ::ioctl(fd_.get(), TIOCGWINSZ, &size);
  return size;
}

std::optional<TerminalPair> new_terminal(const UserTerminal& like) {
  TerminalPair pair;
  pair.ours = FileDescriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!pair.ours || ::unlockpt(pair.ours.get()) != 0) return {};
  std::array<char, 64> name{};
  if (::ptsname_r(pair.ours.get(), name.data(), name.size()) != 0) return {};
  pair.theirs = FileDescriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pair.theirs) return {};
  const winsize size = like.size();
  ::tcsetattr(pair.theirs.get(), TCSANOW, &like.settings());
  ::ioctl(pair.theirs.get(), TIOCSWINSZ, &size);
  return pair;
}

}  // namespace tacit::cli
