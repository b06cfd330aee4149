// From a process to who asks: its parents, the program that is not ours, its session, and what
// about it cannot be known.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/access/agents.h"
#include "daemon/access/asker.h"
#include "daemon/access/own_programs.h"
#include "daemon/access/process_facts.h"

namespace tacit {

/// Which process is meant: a pid alone may be another's by now.
struct ProcessName {
  pid_t pid = 0;                 ///< 0: in another PID namespace
  std::uint64_t start_time = 0;  ///< 0: it ended before it could be looked at
};

/// Keeps what it learned of parents for the next time. Any thread; may stall: not the vault thread.
class ChainReader {
 public:
  ChainReader(AgentMarkers agent_markers, OwnPrograms own)
      : markers_(std::move(agent_markers)), own_(std::move(own)) {}

  std::shared_ptr<const Asker> read(const ProcessName& process);
  /// Of one about whom nothing could be found.
  static std::shared_ptr<const Asker> unknown(const ProcessName& process, std::string why);

 private:
  /// What was found out about one program that a process ran; good as long as it runs it.
  struct Remembered {
    ProcessStat stat;
    Program program;
    std::string preload;
  };
  struct Link {
    ProcessFacts process;
    Program program;
    std::string preload;
    bool readable = false;
  };
  /// The process and its parents.
  struct Climb {
    std::vector<Link> links;
    bool adopted = false;  ///< above the last is who adopts orphans, or starts services
    bool cut_off = false;  ///< there are more, or one could not be found
  };

  Climb climb(ProcessFacts process);
  Link look_at(ProcessFacts process, bool anew);
  std::optional<Remembered> read(ProcessFacts& process);
  std::optional<Remembered> recall(const ProcessFacts& process);
  void remember(const Remembered& facts);
  std::string why_unknown(const Climb& climb, std::size_t program, std::size_t leader,
                          bool service) const;

  const AgentMarkers markers_;
  const OwnPrograms own_;

  std::mutex mutex_;  ///< guards all below
  /// By pid, what was met lately and what before that: the second goes when the first is full.
  std::array<std::unordered_map<pid_t, Remembered>, 2> remembered_;
};

}  // namespace tacit
