#include "cli/run/supervisor.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/run/job.h"
#include "cli/run/signals.h"
#include "cli/run/streams.h"
#include "client/cpp/base/utf8.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What tells no event: whether this process was brought to the foreground, and whether the last of
/// a group has ended.
constexpr milliseconds kLookAgain{200};

class Supervisor {
 public:
  explicit Supervisor(const Supervision& how) : how_(how), terminal_(UserTerminal::open()) {}

  int supervise(Run first) {
    next_ = std::move(first);
    while (next_) {
      Run run = *std::exchange(next_, {});
      if (auto started = start(run); !started.ok()) {
        complain(started.error().message);
        return kExitRunFailure;
      }
      while (!done()) turn();
      job_.reset();
    }
    if (terminal_) {
      terminal_->restore();
      terminal_->take_back();
    }
    return end_.kind == Job::Event::Kind::kExited ? end_.number : signals_.die_by(end_.number);
  }

 private:
  Result<void> start(Run& run) {
    ended_ = stopping_ = false;
    streams_ = {};
    if (how_.mask) {
      auto patterns = MaskPatterns::make(run.forms);
      if (!patterns.ok()) return patterns.error();
      patterns_ = std::make_unique<MaskPatterns>(std::move(*patterns));
      const bool own_terminal = terminal_ && wants_terminal();
      auto streams = masked_streams(own_terminal ? &*terminal_ : nullptr, *patterns_);
      if (!streams.ok()) return streams.error();
      streams_ = std::move(*streams);
    }
    auto job = Job::start(streams_.streams, signals_.before(), [&] { return run.launch.become(); });
    if (!job.ok()) return job.error();
    job_.emplace(std::move(*job));
    streams_.theirs.clear();
    take_keyboard();
    return {};
  }

  bool has_own_terminal() const { return static_cast<bool>(streams_.keyboard); }

  /// Where the command has its own terminal, what the user types is passed on to it.
  void take_keyboard() {
    if (!has_own_terminal() || !terminal_->in_foreground()) return;
    terminal_->make_raw();
    resize();
  }

  void resize() {
    if (!has_own_terminal()) return;
    const winsize size = terminal_->size();
    ::ioctl(streams_.keyboard.get(), TIOCSWINSZ, &size);
  }

  bool done() {
    if (!ended_) return false;
    for (const auto& relay : streams_.relays) {
      relay->finish();
      relay->read();
    }
    if (stopping_ && job_->group_runs()) {
      if (Clock::now() < stop_deadline_) return false;
      job_->signal_group(SIGKILL);
    }
    return std::ranges::all_of(streams_.relays, [](const auto& relay) { return relay->done(); });
  }

  /// Waits for what comes next and does it.
  void turn() {
    enum : std::size_t { kSignals, kJob, kWatch, kTyped, kKeyboard, kRelays };
    const bool typing = has_own_terminal() && terminal_->raw() && !ended_;
    std::vector<pollfd> polls{
        {signals_.fd(), POLLIN, 0},
        {ended_ ? -1 : job_->fd(), POLLIN, 0},
        {how_.watch != nullptr ? how_.watch->fd() : -1, POLLIN, 0},
        {typing && typed_.empty() ? terminal_->fd() : -1, POLLIN, 0},
        {typing && !typed_.empty() ? streams_.keyboard.get() : -1, POLLOUT, 0}};
    for (const auto& relay : streams_.relays) {
      polls.push_back(relay->wants_input());
      polls.push_back(relay->wants_output());
    }
    const int ready = ::poll(polls.data(), polls.size(), patience());
    if (ready < 0) return;  // EINTR

    for (std::size_t i = 0; i < streams_.relays.size(); ++i) {
      Relay& relay = *streams_.relays[i];
      if (polls[kRelays + 2 * i].revents != 0) relay.read();
      if (polls[kRelays + 2 * i + 1].revents != 0) relay.write();
      relay.let_go_if_due(Clock::now());
    }
    // Nobody reads what it prints: its terminal is hung up.
    if (has_own_terminal() && streams_.relays.front()->done()) streams_.keyboard.close();
    if (polls[kTyped].revents != 0) read_typed();
    if (polls[kKeyboard].revents != 0) pass_typed_on();
    if (polls[kSignals].revents != 0) {
      while (const auto signal = signals_.take()) on_signal(*signal);
    }
    if (polls[kJob].revents != 0) {
      while (!ended_) {
        const auto event = job_->take();
        if (!event) break;
        on_job(*event);
      }
    }
    if (polls[kWatch].revents != 0) on_watch();
    if (has_own_terminal() && !terminal_->raw() && !ended_) take_keyboard();
    if (stopping_ && !ended_ && Clock::now() >= stop_deadline_) job_->signal_group(SIGKILL);
  }

  /// In milliseconds, as poll(2) has it.
  int patience() const {
    std::optional<Clock::time_point> until;
    const auto at_most = [&](Clock::time_point when) {
      until = std::min(until.value_or(when), when);
    };
    for (const auto& relay : streams_.relays) {
      if (const auto due = relay->deadline()) at_most(*due);
    }
    if (stopping_ && !ended_) at_most(stop_deadline_);
    const bool looks_again =
        (stopping_ && ended_) || (has_own_terminal() && !terminal_->raw() && !ended_);
    if (looks_again) at_most(Clock::now() + kLookAgain);
    if (!until) return -1;
    const auto left = std::chrono::ceil<milliseconds>(*until - Clock::now()).count();
    return static_cast<int>(std::max<milliseconds::rep>(left, 0));
  }

  void read_typed() {
    std::array<unsigned char, 4096> piece;
    const ssize_t got = ::read(terminal_->fd(), piece.data(), piece.size());
    if (got > 0)
      typed_ = SecretBytes::absorb(std::span(piece).first(static_cast<std::size_t>(got)));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
      streams_.keyboard.close();  // the user's terminal is gone; SIGHUP comes
      return;
    }
    pass_typed_on();
  }

  void pass_typed_on() {
    const auto bytes = typed_.bytes();
    if (bytes.empty()) return;
    const ssize_t written = ::write(streams_.keyboard.get(), bytes.data(), bytes.size());
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return;
    typed_ = written < 0 ? SecretBytes()
                         : SecretBytes::copy_of(bytes.subspan(static_cast<std::size_t>(written)));
  }

  void on_signal(const signalfd_siginfo& signal) {
    const int number = static_cast<int>(signal.ssi_signo);
    const bool ends =
        number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
    if (ended_) {
      // Only its output is left; who has no patience for that need not wait.
      if (ends) end_ = {Job::Event::Kind::kKilled, number};
      if (ends) streams_.relays.clear();
      if (ends) next_.reset();
      return;
    }
    switch (number) {
      case SIGWINCH:
        if (has_own_terminal()) return resize();
        break;
      case SIGCONT:
        return go_on();
      case SIGTTIN:
      case SIGTTOU:
        return;
      default:
        break;
    }
    if (ends) next_.reset();  // whoever ends it wants no restart
    // What comes of the terminal is for the whole group, as it would have been.
    if (signal.ssi_code == SI_KERNEL) {
      job_->signal_group(number);
    } else {
      job_->signal_process(number);
    }
  }

  void on_job(const Job::Event& event) {
    if (event.kind != Job::Event::Kind::kStopped) {
      end_ = event;
      ended_ = true;
      return;
    }
    const bool of_terminal = event.number == SIGTTIN || event.number == SIGTTOU;
    if (of_terminal && !has_own_terminal() && terminal_ && terminal_->in_foreground()) {
      // It wants the terminal. Not before: who reads this process's output may want it, too.
      terminal_->give_to(job_->pid());
      job_->signal_group(SIGCONT);
      return;
    }
    if (has_own_terminal()) {  // what it printed last, before the shell prints
      streams_.relays.front()->read();
      streams_.relays.front()->write();
    }
    if (terminal_) {
      terminal_->restore();
      terminal_->take_back();
    }
    signals_.stop(event.number);
    go_on();
  }

  void go_on() {
    take_keyboard();
    job_->signal_group(SIGCONT);
  }

  void on_watch() {
    bool changed = false;
    while (const auto event = how_.watch->take()) {
      switch (*event) {
        case ChangeWatch::Event::kMaybe:
          changed = true;
          break;
        case ChangeWatch::Event::kLocked:
          say("the vault is locked; the command runs on, and changes are seen once it is unlocked");
          break;
        case ChangeWatch::Event::kGone:
          say("the daemon is gone; the command runs on, and changes are seen once it is back");
          break;
        case ChangeWatch::Event::kRefused:
          say("changes may not be watched any more; the command runs on");
          break;
      }
    }
    if (!changed || (ended_ && !stopping_)) return;
    auto renewed = how_.renew([this](const std::string& text) { say(text); });
    if (!renewed) return;
    next_ = std::move(*renewed);
    if (stopping_) return;
    stopping_ = true;
    stop_deadline_ = Clock::now() + kGrace;
    job_->signal_group(SIGTERM);
    job_->signal_group(SIGCONT);
  }

  void say(const std::string& text) {
    const bool raw = terminal_ && terminal_->raw();
    const std::string line = "tacit: " + visible(text) + (raw ? "\r\n" : "\n");
    (void)write_all(STDERR_FILENO, as_bytes(line), "standard error");
  }

  const Supervision& how_;
  Signals signals_;
  std::optional<UserTerminal> terminal_;
  std::unique_ptr<MaskPatterns> patterns_;
  MaskedStreams streams_;
  SecretBytes typed_;
  std::optional<Job> job_;
  std::optional<Run> next_;
  Job::Event end_{Job::Event::Kind::kExited, 0};
  bool ended_ = false;
  bool stopping_ = false;  ///< for a restart
  Clock::time_point stop_deadline_{};
};

}  // namespace

int supervise(Run first, const Supervision& supervision) {
  return Supervisor(supervision).supervise(std::move(first));
}

}  // namespace tacit::cli
