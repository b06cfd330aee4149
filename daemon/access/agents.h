// How the processes of coding agents are told from a person's.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tacit {

/// A process bears a mark if one of the variables is set in the environment it was started with, or
/// if its program is one of these. What descends from it needs none.
struct AgentMarkers {
  std::vector<std::string> variables;
  std::vector<std::string> programs;

  /// From `VARIABLE` and `program:NAME`.
  static AgentMarkers parse(std::span<const std::string> lines);
  /// The one of `programs` that a process is: by what it calls itself, by its executable or script,
  /// or by the package of its script (`node_modules/[@scope/]NAME/`); empty: none.
  std::string_view program(std::string_view name, std::string_view executable,
                           std::string_view script) const;
};

/// The lines of agent_markers.txt, in its order.
std::vector<std::string> built_in_agent_markers();

}  // namespace tacit
