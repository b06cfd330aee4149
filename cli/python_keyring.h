// What decides which backend the Python keyring asks, before it looks for the best one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tacit::cli {

/// The class of client/python, as keyring names it.
inline constexpr std::string_view kPythonKeyringBackend = "tacit.keyring_backend.Keyring";

/// A backend that somebody chose.
struct PythonKeyringChoice {
  std::string source;   ///< the variable or the file that says so
  std::string backend;  ///< its class, with its module
};

/// What a keyringrc.cfg (configparser's INI) says; none: it leaves the choice to keyring.
std::optional<std::string> backend_in_keyringrc(std::string_view content);

/// $PYTHON_KEYRING_BACKEND, else keyringrc.cfg in the folder `python_keyring` of $XDG_CONFIG_HOME
/// (~/.config). None: keyring takes the backend with the highest priority.
std::optional<PythonKeyringChoice> python_keyring_choice();

}  // namespace tacit::cli
