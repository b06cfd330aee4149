// Which script a shell, an interpreter or a launcher runs, by its command line.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace tacit {

struct ScriptArgument {
  /// It runs code that is not its own: a shell, Python, `make`, `timeout`. Else the program speaks
  /// for itself.
  bool interpreter = false;
  /// As it was written on the command line. Empty with `interpreter`: code from the command line, a
  /// module, standard input, or options that load other code as well.
  std::string path;
  /// A shell that was given neither code nor script: it runs its standard input.
  bool bare_shell = false;
};

/// `executable` is a path; what counts is its last part (`python3.11` is Python).
ScriptArgument script_argument(std::string_view executable, std::span<const std::string> arguments);

}  // namespace tacit
