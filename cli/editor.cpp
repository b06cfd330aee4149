#include "cli/editor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "cli/wiped_folder.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What the first word of the command runs, links resolved: `vi` is many editors.
std::string program_of(const std::string& command) {
  const std::string word = command.substr(0, command.find(' '));
  const std::string path = from_environment("PATH");
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string file =
        word.find('/') != std::string::npos ? word : path.substr(begin, end - begin) + "/" + word;
    if (::access(file.c_str(), X_OK) == 0) {
      const std::unique_ptr<char, decltype(&std::free)> real(::realpath(file.c_str(), nullptr),
                                                             &std::free);
      const std::string resolved = real ? real.get() : file;
      return resolved.substr(resolved.rfind('/') + 1);
    }
    begin = end + 1;
  }
  return "";
}

bool is_vim(const std::string& command) {
  const std::string program = program_of(command);
  return program.starts_with("vim") || program.starts_with("nvim");
}

/// It may take the shell's place, and then gets the signals that are passed on.
bool is_one_command(const std::string& command) {
  return command.find_first_of(";&|()<>{}!\n") == std::string::npos &&
         command.substr(0, command.find(' ')).find('=') == std::string::npos;
}

std::vector<std::string> arguments_of(const std::string& command, const std::string& file) {
  const std::string script = (is_one_command(command) ? "exec " : "") + command + " \"$@\"";
  std::vector<std::string> arguments{"/bin/sh", "-c", script, command};
  if (is_vim(command)) {
    // One each: behind an option that this vim lacks the rest of a line is not read.
    for (const char* quiet : {"viminfo=", "noswapfile", "noundofile", "nobackup nowritebackup"}) {
      arguments.emplace_back("-c");
      arguments.push_back(std::string("silent! set ") + quiet);
    }
  }
  arguments.push_back(file);
  return arguments;
}

/// For as long as it lives: a child's end and being told to end are waited for, not handled, and
/// the terminal's keys are the editor's.
class EditorSignals {
 public:
  EditorSignals() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGINT, &ignore, &old_int_);
    ::sigaction(SIGQUIT, &ignore, &old_quit_);
    ::sigaction(SIGCHLD, &usual, &old_child_);  // ignored, a child's end would not be told
    ::sigemptyset(&waited_);
    for (const int number : {SIGCHLD, SIGTERM, SIGHUP}) ::sigaddset(&waited_, number);
    ::sigprocmask(SIG_BLOCK, &waited_, &old_mask_);
  }
  EditorSignals(const EditorSignals&) = delete;
  EditorSignals& operator=(const EditorSignals&) = delete;
  ~EditorSignals() { restore(); }

  /// Also for the child, before exec.
  void restore() noexcept {
    ::sigaction(SIGINT, &old_int_, nullptr);
    ::sigaction(SIGQUIT, &old_quit_, nullptr);
    ::sigaction(SIGCHLD, &old_child_, nullptr);
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  }
  int wait() noexcept {
    int number = 0;
    return ::sigwait(&waited_, &number) == 0 ? number : 0;
  }

 private:
  sigset_t waited_{};
  sigset_t old_mask_{};
  struct sigaction old_int_ {};
  struct sigaction old_quit_ {};
  struct sigaction old_child_ {};
};

Result<void> outcome(const std::string& command, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFSIGNALED(status)
                              ? "was ended by signal " + std::to_string(WTERMSIG(status))
                              : "failed with " + std::to_string(WEXITSTATUS(status));
  return Error{Reason::kCancelled,
               "the editor `" + visible(command) + "` " + how + "; nothing was changed"};
}

Result<void> run_editor(EditorSignals& signals, const std::string& command,
                        const std::string& file) {
  std::vector<std::string> arguments = arguments_of(command, file);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) {
    return Error{Reason::kIoError, std::string("cannot start an editor: ") + std::strerror(errno)};
  }
  if (child == 0) {
    signals.restore();
    ::execv(pointers.front(), pointers.data());
    ::_exit(127);
  }
  int ended_by = 0;
  int status = 0;
  for (;;) {
    const int number = signals.wait();
    if (number == SIGTERM || number == SIGHUP) {
      ended_by = number;
      ::kill(child, number);
    }
    if (::waitpid(child, &status, WNOHANG) == child) break;
  }
  if (ended_by == 0) return outcome(command, status);
  ::raise(ended_by);  // it is blocked yet
  return Error{Reason::kCancelled, "ended while the editor ran; nothing was changed"};
}

}  // namespace

std::string editor_command() {
  const std::string terminal = from_environment("TERM");
  const bool dumb = terminal.empty() || terminal == "dumb";
  std::string command = dumb ? "" : from_environment("VISUAL");
  if (command.empty()) command = from_environment("EDITOR");
  return command.empty() ? "vi" : command;
}

Result<std::optional<SecretBytes>> edit_text(const std::string& name, const SecretBytes& text,
                                             std::size_t limit) {
  EditorSignals signals;  // goes last: what was to end this process does so once all is wiped
  auto folder = WipedFolder::make();
  if (!folder.ok()) return folder.error();
  const auto file = folder->add(name, text);
  if (!file.ok()) return file.error();
  if (const auto edited = run_editor(signals, editor_command(), *file); !edited.ok()) {
    return edited.error();
  }
  return WipedFolder::read(*file, limit);
}

Result<std::string> keep_text(const std::string& name, const SecretBytes& text) {
  auto folder = WipedFolder::make();
  if (!folder.ok()) return folder.error();
  auto file = folder->add(name, text);
  if (file.ok()) folder->keep();
  return file;
}

}  // namespace tacit::cli
