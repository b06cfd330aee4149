#include "cli/import/gpg.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cli/find_program.h"
#include "cli/input.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

/// gpg's agent asks on the terminal that this names.
void name_the_terminal() {
  if (std::getenv("GPG_TTY") != nullptr) return;
  if (const char* const terminal = ::ttyname(STDIN_FILENO)) ::setenv("GPG_TTY", terminal, 0);
}

int spawn(const std::string& program, const std::string& file, int output, pid_t& pid) {
  // As `pass` calls it. The file is a path that begins with /, never an option.
  const std::array<const char*, 9> arguments{program.c_str(), "--quiet",     "--yes",
                                             "--batch",       "--use-agent", "--no-encrypt-to",
                                             "--decrypt",     file.c_str(),  nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                  const_cast<char* const*>(arguments.data()), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<Gpg> Gpg::find() {
  for (const char* const name : {"gpg2", "gpg"}) {
    if (auto program = find_program(name, program_folders())) return Gpg(std::move(*program));
  }
  return Error{Reason::kNotFound,
               "no gpg was found in PATH that only you or root can write; install gnupg"};
}

Result<SecretBytes> Gpg::decrypt(const std::string& file, std::size_t limit) const {
  name_the_terminal();
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error{Reason::kIoError, std::string("cannot make a pipe: ") + std::strerror(errno)};
  }
  pid_t pid = -1;
  const int error = spawn(program_, file, ends[1], pid);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return Error{Reason::kIoError, "cannot start " + program_ + ": " + std::strerror(error)};
  }
  auto content = read_all(ends[0], limit, visible(file));
  ::close(ends[0]);  // one that has more to say ends by this
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!content.ok() || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return content;
  return Error{Reason::kIoError,
               program_ + " could not decrypt " + visible(file) + "; nothing was stored"};
}

}  // namespace tacit::cli
