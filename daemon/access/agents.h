// How the processes of coding agents are told from a person's.
#pragma once
#include <string>
#include <vector>

namespace tacit {

/// The environment variables of agent_markers.txt, in its order.
std::vector<std::string> built_in_agent_markers();

}  // namespace tacit
