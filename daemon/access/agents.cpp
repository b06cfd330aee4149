#include "daemon/access/agents.h"

namespace tacit {

std::vector<std::string> built_in_agent_markers() {
  return {
#include "agent_markers.inc"  // made of agent_markers.txt
  };
}

}  // namespace tacit
