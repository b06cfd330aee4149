#include "cli/run/change_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "tacit/client.h"

namespace tacit::cli {
namespace {

using Event = ChangeWatch::Event;

/// Where a watcher says what it sees; the first of it apart, for who starts it.
struct Ends {
  FileDescriptor first;
  int others;
};

void tell(Ends& ends, Event event) {
  const char byte = static_cast<char>(event);
  // Nobody reads any more: this process has no purpose.
  if (::write(ends.first ? ends.first.get() : ends.others, &byte, 1) != 1) ::_exit(0);
  ends.first.close();
}

/// A daemon that starts anew tells nobody: it is looked for.
void wait_a_second() { ::poll(nullptr, 0, 1000); }

void wait_until_unlocked(Client& client) {
  const auto end = client.watch_session(
      [](const SessionChange& change) { return change.state != VaultState::kUnlocked; });
  if (!end.ok()) wait_a_second();
}

[[noreturn]] void watch(const Watched& watched, Ends ends) {
  ClientOptions options;
  options.autostart = false;  // who ended the daemon wants it so
  Client client(options);
  std::optional<Event> told;
  const auto tell_once = [&](Event event) {
    if (told != event) tell(ends, event);
    told = event;
  };
  for (;;) {
    const auto end = client.watch(watched.collection, watched.names, [&](const Change&) {
      told.reset();
      tell(ends, Event::kMaybe);
      return true;
    });
    switch (end.ok() ? Reason::kUnspecified : end.error().code) {
      case Reason::kLocked:
        tell_once(Event::kLocked);
        wait_until_unlocked(client);
        break;
      case Reason::kPolicyDenied:
      case Reason::kUserDenied:
      case Reason::kNoPrompter:
        tell(ends, Event::kRefused);
        ::_exit(0);
      default:
        tell_once(Event::kGone);
        wait_a_second();
    }
  }
}

/// The terminal's signals are for the command.
[[noreturn]] void be_watcher(const Watched& watched, Ends ends, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  for (const int number :
       {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGPIPE}) {
    ::signal(number, SIG_IGN);
  }
  watch(watched, std::move(ends));
}

Error failed() {
  return {Reason::kIoError, std::string("cannot watch the secrets: ") + std::strerror(errno)};
}

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

Result<Pipe> new_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed();
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

Result<void> as_result(Event first, const std::string& collection) {
  const std::string name = "the collection `" + collection + "`";
  switch (first) {
    case Event::kMaybe:
      return {};
    case Event::kLocked:
      return Error{Reason::kLocked, "the vault is locked; run `tacit unlock` first"};
    case Event::kGone:
      return Error{Reason::kNoDaemon, "the daemon does not tell what changes in " + name};
    case Event::kRefused:
      break;
  }
  return Error{Reason::kPolicyDenied,
               "what changes in " + name +
                   " may not be watched; run without --watch, or see `tacit policy explain`"};
}

}  // namespace

Result<ChangeWatch> ChangeWatch::start(const std::vector<Watched>& watched) {
  auto all = new_pipe();
  if (!all.ok()) return all.error();
  ChangeWatch result;
  result.events_ = std::move(all->read_end);
  const pid_t self = ::getpid();
  for (const Watched& each : watched) {
    auto first = new_pipe();
    if (!first.ok()) return first.error();
    const pid_t watcher = ::fork();
    if (watcher < 0) return failed();
    if (watcher == 0) {
      first->read_end.close();
      be_watcher(each, Ends{std::move(first->write_end), all->write_end.get()}, self);
    }
    result.watchers_.push_back(watcher);
    first->write_end.close();
    char event = 0;
    ssize_t got = 0;
    while ((got = ::read(first->read_end.get(), &event, 1)) < 0 && errno == EINTR) {
    }
    if (got != 1) return failed();
    if (auto good = as_result(static_cast<Event>(event), each.collection); !good.ok()) {
      return good.error();
    }
  }
  ::fcntl(result.events_.get(), F_SETFL, O_NONBLOCK);
  return result;
}

ChangeWatch::~ChangeWatch() {
  for (const pid_t watcher : watchers_) ::kill(watcher, SIGKILL);
  for (const pid_t watcher : watchers_) {
    while (::waitpid(watcher, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

std::optional<Event> ChangeWatch::take() {
  char byte = 0;
  if (::read(events_.get(), &byte, 1) != 1) return {};
  return static_cast<Event>(byte);
}

}  // namespace tacit::cli
