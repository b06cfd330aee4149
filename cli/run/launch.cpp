#include "cli/run/launch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/exit_code.h"
#include "cli/output.h"

namespace tacit::cli {
namespace {

int failed(const std::string& message) {
  complain(message);
  return kExitRunFailure;
}

int execute(Environment& environment, const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvpe(arguments[0], arguments.data(), environment.pointers().data());
  const int error = errno;
  if (error == E2BIG) {
    const auto largest = environment.largest();
    return failed(
        "cannot run `" + command.front() +
        "`: its arguments and environment are more than Linux passes on" +
        (largest ? "; the largest of the values is that for " + largest->variable : std::string()) +
        "; use --file or --stdin");
  }
  complain("cannot run `" + command.front() + "`: " + std::strerror(error));
  return error == ENOENT ? kExitRunNotFound : kExitRunNotExecutable;
}

}  // namespace

int Launch::become() {
  if (narrow) {
    if (const auto narrowed = narrow(); !narrowed.ok()) {
      return failed("--grant: " + narrowed.error().message);
    }
  }
  for (const File& each : files) {
    // By the number of the process, which exec keeps: what the command starts finds it there even
    // if the descriptor is not passed on to it, as Python and sudo have it.
    const std::string path =
        "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(each.file.get());
    if (auto set = environment.set(each.variable, SecretBytes::copy_of(path)); !set.ok()) {
      return failed(set.error().message);
    }
    if (::fcntl(each.file.get(), F_SETFD, 0) != 0) {
      return failed("cannot pass the file for " + each.variable + " on: " + std::strerror(errno));
    }
  }
  if (input && ::dup2(input.get(), STDIN_FILENO) < 0) {
    return failed(std::string("cannot pass standard input on: ") + std::strerror(errno));
  }
  return execute(environment, command);
}

}  // namespace tacit::cli
