// The checks of `tacit doctor`. Each is one function and one line in a table.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/keyring/on_path.h"
#include "cli/python_keyring.h"
#include "tacit/client.h"
#include "tacit/paths.h"

namespace tacit::cli {

/// What a check found.
struct Finding {
  enum class Kind {
    kOk,
    kNote,     ///< worth knowing, nothing to mend
    kProblem,  ///< `tacit doctor` exits 10
  };
  Kind kind = Kind::kOk;
  std::string message;
  std::string mend;  ///< the command or step that mends it; only for problems and notes
};

/// What is so whether or not a daemon answers.
struct MachineFacts {
  std::string settings_trouble;             ///< what is wrong with the settings; empty: nothing
  std::int64_t settings_changed = 0;        ///< Unix milliseconds; 0: there are none
  std::optional<std::uint64_t> free_bytes;  ///< where the vault is; none: there is no such folder
  bool read_only = false;
  std::string file_system_trouble;
  std::vector<std::string> open_swaps;  ///< what can be read there when the machine is off
  std::string runtime_dir;              ///< $XDG_RUNTIME_DIR
  std::string sudo_user;                ///< $SUDO_USER
};
MachineFacts machine_facts(const Paths& paths);

/// What the checks look at, found out once.
struct DoctorFacts {
  Paths paths;
  std::vector<SocketPlace> places;
  Result<DaemonStatus> daemon = Error{};
  std::string managed_socket;              ///< of tacit::managed_socket
  Result<std::string> pinentry = Error{};  ///< its path: what `tacit prompter` would run
  std::vector<KeyringProgram> keyrings;    ///< what pip and uv find, in the order of PATH
  std::optional<PythonKeyringChoice> python_keyring;
  std::vector<TokenInfo> tokens;  ///< of an open vault
  std::string renewer_trouble;    ///< why tokens cannot be renewed at all; empty: they can
  MachineFacts machine;
  uid_t uid = 0;
  std::string sessions_dir = "/run/systemd/sessions";  ///< made by logind
  std::string bus = "/run/dbus/system_bus_socket";     ///< where logind is reached
};

struct DoctorCheck {
  std::string_view name;
  std::vector<Finding> (*run)(const DoctorFacts&);
};

/// In the order in which they are told.
const std::vector<DoctorCheck>& doctor_checks();

/// `path` has to belong to `uid` and have no bit of `forbidden_mode`. Nothing if it is absent.
std::vector<Finding> check_private(const std::string& path, uid_t uid, unsigned forbidden_mode);

/// Of doctor_machine.cpp.
std::vector<Finding> check_settings(const DoctorFacts& facts);
std::vector<Finding> check_disk(const DoctorFacts& facts);
std::vector<Finding> check_swap(const DoctorFacts& facts);
std::vector<Finding> check_session(const DoctorFacts& facts);

/// The first column of /proc/swaps.
std::vector<std::string> swap_devices(std::string_view proc_swaps);

}  // namespace tacit::cli
