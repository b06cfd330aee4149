#include "cli/daemon_program.h"

#include "cli/tool.h"
#include "tacit/daemon.h"

namespace tacit::cli {

Result<DaemonSays> ask_daemon_program(const std::vector<std::string>& arguments) {
  constexpr std::chrono::seconds kPatience{30};  // generous: it reads one small file
  constexpr std::string_view kName = "tacitd: ";
  const auto program = find_daemon();
  if (!program.ok()) return program.error();
  const auto end =
      run_tool({*program, arguments, whole_environment(), -1, Tool::Output::kBoth}, kPatience);
  if (!end.ok()) return end.error();
  const auto bytes = end->output.bytes();
  DaemonSays says{end->code == 0, {bytes.begin(), bytes.end()}};
  if (says.ok) return says;
  if (says.said.starts_with(kName)) says.said.erase(0, kName.size());
  while (says.said.ends_with('\n')) says.said.pop_back();
  if (says.said.empty()) says.said = *program + " ended with " + std::to_string(end->code);
  return says;
}

}  // namespace tacit::cli
