// `tacit daemon`: starting and ending tacitd, and what it says.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/find_program.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/service_manager.h"
#include "cli/tool.h"
#include "client/cpp/base/file_descriptor.h"

namespace tacit::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};  // it may have to end a derivation first

/// None: no daemon answers. It is never started by this.
Result<std::optional<DaemonStatus>> running() {
  ClientOptions options;
  options.autostart = false;
  auto status = Client(options).status();
  if (status.ok()) return std::optional(std::move(*status));
  if (status.error().code == Reason::kNoDaemon) return std::optional<DaemonStatus>();
  return status.error();
}

Result<void> tell(const Context& context, const std::optional<DaemonStatus>& daemon,
                  std::string_view what) {
  if (!context.options.json) {
    if (!daemon) return print("tacitd " + std::string(what) + "\n");
    return print("tacitd " + std::string(what) + ": " + daemon->version + ", pid " +
                 std::to_string(daemon->pid) + ", on " + daemon->socket_path + "\n");
  }
  JsonWriter json;
  json.begin_object();
  json.member("running", daemon.has_value());
  if (daemon) {
    json.member("version", daemon->version);
    json.member("pid", daemon->pid);
    json.member("socket", daemon->socket_path);
  }
  json.end_object();
  return print(json.take().bytes());
}

Result<void> systemctl(const std::string& verb) {
  const auto program = find_program("systemctl", program_folders());
  if (!program) return Error{Reason::kIoError, "there is no systemctl in PATH"};
  const auto end = run_tool({*program,
                             {"--user", verb, std::string(kServiceUnit)},
                             whole_environment(),
                             -1,
                             Tool::Output::kNone},
                            kPatience);
  if (!end.ok()) return end.error();
  if (end->code == 0) return {};
  return Error{Reason::kIoError, "`systemctl --user " + verb + " " + std::string(kServiceUnit) +
                                     "` failed; `systemctl --user status " +
                                     std::string(kServiceUnit) + "` says why"};
}

Error cannot_end(std::int64_t pid) {
  return {Reason::kIoError,
          "cannot end the daemon, pid " + std::to_string(pid) + ": " + std::strerror(errno)};
}

/// Waits until it is gone.
Result<void> end_process(const DaemonStatus& daemon) {
  const FileDescriptor process(
      static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(daemon.pid), 0)));
  if (!process) return errno == ESRCH ? Result<void>() : cannot_end(daemon.pid);
  // Asked again, now that the number cannot become another's unseen.
  const auto still = running();
  if (!still.ok()) return still.error();
  if (!*still || (*still)->pid != daemon.pid) return {};
  if (::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0) {
    return errno == ESRCH ? Result<void>() : cannot_end(daemon.pid);
  }
  pollfd entry{process.get(), POLLIN, 0};
  const auto patience = std::chrono::milliseconds(kPatience).count();
  int ready = 0;
  while ((ready = ::poll(&entry, 1, static_cast<int>(patience))) < 0 && errno == EINTR) {
  }
  if (ready > 0) return {};
  return Error{Reason::kTimeout, "the daemon, pid " + std::to_string(daemon.pid) +
                                     ", was told to end and did not within a minute"};
}

Result<void> stop(const DaemonStatus& daemon) {
  return runs_as_service(daemon.pid) ? systemctl("stop") : end_process(daemon);
}

Result<DaemonStatus> start() {
  // Said on purpose, this is no start on the way to something else.
  ::unsetenv("TACIT_AUTOSTART");
  return Client().status();
}

int run_start(Context& context) {
  const auto before = running();
  if (!before.ok()) return fail(before.error());
  if (*before) return finish(tell(context, *before, "runs already"));
  auto daemon = start();
  if (!daemon.ok()) return fail(daemon.error());
  return finish(tell(context, std::move(*daemon), "runs"));
}

int run_stop(Context& context) {
  const auto before = running();
  if (!before.ok()) return fail(before.error());
  if (!*before) return finish(tell(context, {}, "does not run"));
  if (const auto stopped = stop(**before); !stopped.ok()) return fail(stopped.error());
  const auto told = tell(context, {}, "is stopped");
  if (told.ok() && !context.options.json) remark("the next command that needs it starts it again");
  return finish(told);
}

int run_restart(Context& context) {
  const auto before = running();
  if (!before.ok()) return fail(before.error());
  if (*before) {
    if (const auto stopped = stop(**before); !stopped.ok()) return fail(stopped.error());
  }
  auto daemon = start();
  if (!daemon.ok()) return fail(daemon.error());
  const bool locked = daemon->state == VaultState::kLocked;
  const auto told = tell(context, std::move(*daemon), "runs");
  if (told.ok() && !context.options.json && locked) {
    remark("the vault is locked now; `tacit unlock` opens it");
  }
  return finish(told);
}

struct LogOptions {
  bool follow = false;
  std::uint64_t lines = 100;
};

int run_logs(Context& context, const LogOptions& options) {
  const auto daemon = running();
  if (!daemon.ok()) return fail(daemon.error());
  const bool service = *daemon ? runs_as_service((*daemon)->pid) : has_service_manager();
  if (!service) {
    return fail(
        {Reason::kNotFound,
         std::string(*daemon ? "this daemon was started by a program, and what it says is "
                               "kept nowhere"
                             : "no daemon runs, and no service manager keeps what it says") +
             "; run `tacit daemon stop`, then `tacitd` in a terminal to see it. Who asked "
             "for what is in `tacit audit`"});
  }
  const auto journalctl = find_program("journalctl", program_folders());
  if (!journalctl) return fail({Reason::kIoError, "there is no journalctl in PATH"});
  std::vector<std::string> words{*journalctl, "--user",
                                 "--unit",    std::string(kServiceUnit),
                                 "--lines",   std::to_string(options.lines)};
  if (options.follow) words.emplace_back("--follow");
  if (context.options.json) words.insert(words.end(), {"--output", "json"});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(journalctl->c_str(), arguments.data());
  return fail({Reason::kIoError, "cannot run " + *journalctl + ": " + std::strerror(errno)});
}

}  // namespace

Action define_daemon_start(CLI::App&) { return run_start; }
Action define_daemon_stop(CLI::App&) { return run_stop; }
Action define_daemon_restart(CLI::App&) { return run_restart; }

Action define_daemon_logs(CLI::App& app) {
  auto options = std::make_shared<LogOptions>();
  app.add_flag("--follow", options->follow, "Go on with what comes, until Ctrl-C");
  app.add_option("--lines", options->lines, "So many of the newest lines [100]")
      ->type_name("N")
      ->check(whole_number(0));
  return [options](Context& context) { return run_logs(context, *options); };
}

}  // namespace tacit::cli
