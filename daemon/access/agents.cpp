#include "daemon/access/agents.h"

#include <algorithm>

namespace tacit {
namespace {

constexpr std::string_view kProgram = "program:";
constexpr std::string_view kPackages = "/node_modules/";

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view package_of(std::string_view script) {
  const std::size_t at = script.rfind(kPackages);
  if (at == script.npos) return {};
  script.remove_prefix(at + kPackages.size());
  if (script.starts_with('@')) script.remove_prefix(std::min(script.find('/') + 1, script.size()));
  return script.substr(0, script.find('/'));
}

}  // namespace

AgentMarkers AgentMarkers::parse(std::span<const std::string> lines) {
  AgentMarkers markers;
  for (const std::string& line : lines) {
    if (line.starts_with(kProgram)) {
      markers.programs.push_back(line.substr(kProgram.size()));
    } else {
      markers.variables.push_back(line);
    }
  }
  return markers;
}

std::string_view AgentMarkers::program(std::string_view name, std::string_view executable,
                                       std::string_view script) const {
  const auto found = std::ranges::find_if(programs, [&](const std::string& one) {
    return one == name || one == last_part(executable) || one == last_part(script) ||
           one == package_of(script);
  });
  return found == programs.end() ? std::string_view() : *found;
}

std::vector<std::string> built_in_agent_markers() {
  return {
#include "agent_markers.inc"  // made of agent_markers.txt
  };
}

}  // namespace tacit
