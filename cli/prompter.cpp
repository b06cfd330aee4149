// `tacit prompter`: asks the user on the daemon's behalf, in windows or on its own terminal.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>

#include "cli/command.h"
#include "cli/event_stream.h"
#include "cli/exit_code.h"
#include "cli/pinentry/find_pinentry.h"
#include "cli/terminal_consent.h"
#include "cli/window_consent.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

using std::chrono::milliseconds;

struct Options {
  bool tty = false;
  bool no_credential = false;
  std::string pinentry;
};

/// Where the questions are asked. One at a time.
class Asking {
 public:
  Asking() = default;
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  virtual ~Asking() = default;

  virtual std::string means() const = 0;
  /// None: go on without.
  virtual std::optional<Credential> proof(const std::string& error) = 0;
  /// `void_fd` readable: nobody wants to know any more.
  virtual Answer ask(const Question& question, int void_fd) = 0;
  virtual void notify(const std::string& notice) = 0;
  /// Readable when this process shall end; -1: a signal ends it by itself.
  virtual int end_fd() const { return -1; }
};

class AskingHere : public Asking {
 public:
  explicit AskingHere(Terminal& terminal) : terminal_(terminal) {}

  std::string means() const override { return "terminal"; }
  std::optional<Credential> proof(const std::string& error) override {
    if (!error.empty()) terminal_.say(error + "\n");
    auto passphrase = terminal_.ask_secret("Passphrase for the vault (Enter = without): ");
    if (!passphrase.ok() || passphrase->empty()) return {};
    return Credential{Credential::Kind::kPassphrase, std::move(*passphrase)};
  }
  Answer ask(const Question& question, int void_fd) override {
    return ask_on_terminal(terminal_, question, void_fd);
  }
  void notify(const std::string& notice) override {
    terminal_.say("\a\nSomething happened to your vault.\n  " + visible(notice) + "\n");
  }

 private:
  Terminal& terminal_;
};

/// Signals that end the process, as something to wait for: a window has to be taken away first.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&signals_, number);
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
    fd_ = ::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;
  ~EndSignals() { ::close(fd_); }

  int fd() const { return fd_; }
  /// Acts on the one that came, as if it had never been caught.
  void act() const {
    signalfd_siginfo caught{};
    if (::read(fd_, &caught, sizeof caught) != sizeof caught) return;
    const int number = static_cast<int>(caught.ssi_signo);
    (void)std::signal(number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
    ::raise(number);
  }

 private:
  sigset_t signals_{};
  int fd_ = -1;
};

class AskingInWindows : public Asking {
 public:
  AskingInWindows(std::string program, std::string terminal) {
    setup_.program = std::move(program);
    if (may_use_terminal(setup_.program)) setup_.terminal = std::move(terminal);
  }

  std::string means() const override {
    return setup_.program.substr(setup_.program.rfind('/') + 1);
  }
  std::optional<Credential> proof(const std::string& error) override {
    setup_.wake_fd = signals_.fd();
    return ask_proof_in_window(setup_, error);
  }
  Answer ask(const Question& question, int void_fd) override {
    const AnyOf either({void_fd, signals_.fd()});
    setup_.wake_fd = either.fd();
    Answer answer = ask_in_windows(setup_, question);
    if (!answer.failure.empty()) remark("asking failed: " + answer.failure);
    return answer;
  }
  void notify(const std::string& notice) override {
    remark(notice);
    setup_.wake_fd = signals_.fd();
    notify_in_window(setup_, notice);
  }
  int end_fd() const override { return signals_.fd(); }
  void end() const { signals_.act(); }

 private:
  /// Readable when one of some descriptors is.
  class AnyOf {
   public:
    explicit AnyOf(std::initializer_list<int> fds) : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
      for (const int fd : fds) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
      }
    }
    AnyOf(const AnyOf&) = delete;
    AnyOf& operator=(const AnyOf&) = delete;
    ~AnyOf() { ::close(fd_); }
    int fd() const { return fd_; }

   private:
    int fd_;
  };

  EndSignals signals_;
  PinentrySetup setup_;
};

/// False when it is time to end.
bool wait_for(const Asking& asking, int fd, int timeout_ms) {
  std::array<pollfd, 2> entries{{{fd, POLLIN, 0}, {asking.end_fd(), POLLIN, 0}}};
  while (::poll(entries.data(), entries.size(), timeout_ms) < 0 && errno == EINTR) {
  }
  return entries[1].revents == 0;
}

/// An answer is worth nothing to a daemon that was not asking.
ClientOptions never_starting() {
  ClientOptions options;
  options.autostart = false;
  return options;
}

class Prompter {
 public:
  explicit Prompter(Asking& asking) : asking_(asking), answers_(never_starting()) {}

  /// Registers and asks until the registration ends; none: until a signal.
  std::optional<Error> serve(std::optional<Credential> credential, bool autostart) {
    ClientOptions options;
    options.autostart = autostart;
    EventStream stream(options, std::move(credential), asking_.means());
    for (;;) {
      if (auto event = stream.take()) {
        std::visit([&](const auto& what) { handle(stream, what); }, *event);
      } else if (const auto end = stream.end()) {
        if (end->ok()) return Error{Reason::kNoDaemon, "the daemon ended the registration"};
        return end->error();
      } else if (!wait_for(asking_, stream.fd(), -1)) {
        return {};
      }
      if (!wait_for(asking_, -1, 0)) return {};
    }
  }

  bool registered() const { return registered_; }
  void forget_registration() { registered_ = false; }

 private:
  void handle(EventStream&, const std::monostate&) {}
  void handle(EventStream&, const QuestionWithdrawn&) {}  // seen by the stream, or answered already
  void handle(EventStream&, const PrompterNotice& notice) { asking_.notify(notice.text); }
  void handle(EventStream&, const PrompterRegistered& registration) {
    registered_ = true;
    remark(registration.proven
               ? "registered; questions are asked by " + asking_.means()
               : "registered without a passphrase; questions are asked by " + asking_.means() +
                     ", tell which program asks but not for what, and the first yes needs the "
                     "passphrase");
  }
  void handle(EventStream& stream, const Question& first) {
    std::optional<Question> question = first;
    while (question) {
      stream.stand_by(question->id);
      const Answer answer = asking_.ask(*question, stream.void_fd());
      if (!wait_for(asking_, -1, 0)) return;
      auto again = answers_.answer(question->id, answer);
      // An error: it was withdrawn meanwhile, or the daemon went, which ends the stream too.
      question = again.ok() ? std::move(*again) : std::nullopt;
    }
  }

  Asking& asking_;
  Client answers_;
  bool registered_ = false;
};

bool worth_waiting_for(Reason reason) {
  return reason == Reason::kNoDaemon || reason == Reason::kTimeout || reason == Reason::kProtocol;
}

/// Registers, with a proof first, and again whenever the daemon was away.
int serve(Asking& asking, const Options& options) {
  constexpr int kTries = 3;
  constexpr milliseconds kFirstWait{200};
  constexpr milliseconds kLongestWait{10'000};
  Prompter prompter(asking);
  std::string wrong;
  bool prove = !options.no_credential;
  bool first = true;
  int tries = 0;
  milliseconds pause = kFirstWait;
  for (;;) {
    std::optional<Credential> credential;
    if (prove) credential = asking.proof(wrong);
    if (!wait_for(asking, -1, 0)) return kExitOk;
    // Only the first time a daemon is started: one that was ended shall stay so.
    const auto error = prompter.serve(std::move(credential), first);
    if (!error) return kExitOk;
    if (error->code == Reason::kWrongCredential && prove && ++tries < kTries) {
      wrong = "Wrong passphrase, try again";
      continue;
    }
    if (!worth_waiting_for(error->code) || (first && !prompter.registered())) return fail(*error);
    if (prompter.registered()) {
      remark("the daemon is away; waiting for it");
      prompter.forget_registration();
      pause = kFirstWait;
    }
    // A passphrase is not kept, so from here on there is none: unlocking proves it again.
    prove = first = false;
    if (!wait_for(asking, -1, static_cast<int>(pause.count()))) return kExitOk;
    pause = std::min(pause * 2, kLongestWait);
  }
}

/// The terminal that this process was started on; empty if there is none.
std::string own_terminal() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    std::array<char, 256> name{};
    if (::ttyname_r(fd, name.data(), name.size()) == 0) return name.data();
  }
  return {};
}

int run_prompter(Context& context, const Options& options) {
  const rlimit none{0, 0};  // neither here nor in pinentry: both hold what is typed
  (void)::setrlimit(RLIMIT_CORE, &none);
  if (options.tty) {
    Terminal* terminal = context.terminal();
    if (terminal == nullptr) {
      return fail({Reason::kNoPrompter,
                   "there is no terminal to ask on; run `tacit prompter --tty` in the foreground "
                   "of one"});
    }
    AskingHere here(*terminal);
    return serve(here, options);
  }
  const std::string terminal = own_terminal();
  PinentryFacts facts = pinentry_facts(!terminal.empty());
  if (!options.pinentry.empty()) facts.chosen = options.pinentry;
  const auto program = find_pinentry(facts);
  if (!program.ok()) return fail(program.error());
  AskingInWindows windows(*program, terminal);
  const int code = serve(windows, options);
  windows.end();
  return code;
}

}  // namespace

Action define_prompter(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* tty = app.add_flag("--tty", options->tty, "Ask on this terminal, without pinentry");
  app.add_flag("--no-credential", options->no_credential,
               "Do not ask for the passphrase at the start");
  app.add_option("--pinentry", options->pinentry, "The pinentry to run [see below]")
      ->type_name("PROGRAM")
      ->excludes(tty);
  return [options](Context& context) { return run_prompter(context, *options); };
}

}  // namespace tacit::cli
