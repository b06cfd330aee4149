// Who asks: the chain of processes that led to a connection, as the daemon itself found it.
#pragma once
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tacit {

/// Which file an executable is, so that one replaced on disk is not taken for it.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t changed_ns = 0;  ///< ctime
  bool operator==(const FileId&) const = default;
};

/// One process of the chain. Text is as the system tells it: it may hold control characters and is
/// shown only through `shown()` (shown.h).
struct Program {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot; with `pid` it names one process
  std::string executable;        ///< absolute path; empty: unreadable
  FileId file;                   ///< of what runs
  bool file_known = false;       ///< what runs is what lies at `executable` now
  std::string script;            ///< absolute path of what a shell or interpreter was given
  FileId script_file;
  bool unnamed_script = false;     ///< -c, -m or stdin: a grant holds for this process alone
  bool interactive_shell = false;  ///< somebody types into it; with `unnamed_script`
  std::string agent_marker;        ///< the variable or name that marks it as a coding agent's
};

/// What a grant is bound to beside the program: a terminal session, else a unit, else one process.
struct AskerSession {
  enum class Kind : std::uint8_t { kTerminal = 1, kUnit = 2, kProcess = 3 };
  Kind kind = Kind::kProcess;
  pid_t leader = 0;                ///< of the session; of the process itself for kProcess
  std::uint64_t leader_start = 0;  ///< 0 for kUnit
  dev_t terminal = 0;              ///< 0: none
  std::string unit;                ///< for kUnit
  bool operator==(const AskerSession&) const = default;
};

/// Stands for the control groups of a process, so that two of them can be compared.
using CgroupId = std::array<unsigned char, 16>;

/// The topmost of a chain that ends at who adopts orphans, or starts services.
struct Adopted {
  std::uint64_t start_time = 0;  ///< clock ticks since boot
  CgroupId cgroup{};
};

/// Immutable once found; shared by the calls of a connection. Any thread.
struct Asker {
  std::vector<Program> chain;  ///< from the connected process upwards; never empty
  std::size_t program = 0;     ///< the one that asks: the nearest that is not ours
  AskerSession session;
  std::string terminal;            ///< `/dev/pts/3`; empty: none
  std::string folder;              ///< working folder of the one that asks
  std::string unit;                ///< systemd unit or container; empty: a login session's
  CgroupId cgroup{};               ///< of the one that asks
  std::optional<Adopted> adopted;  ///< none: the chain ends at a login, or could not be followed
  std::string agent_marker;        ///< of the nearest that has one; empty: no agent
  bool through_ours = false;       ///< what connected runs a program of Tacit, and nothing else
  std::string unknown_because;     ///< not empty: counts as unknown, which asks

  const Program& asking() const { return chain[program]; }
  bool known() const { return unknown_because.empty(); }
  bool agent() const { return !agent_marker.empty(); }
};

}  // namespace tacit
