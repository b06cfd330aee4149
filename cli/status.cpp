// `tacit status`: where the vault stands. Reading it does not keep the vault unlocked.
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/project/names.h"
#include "cli/session_gate.h"
#include "cli/slot_kind.h"
#include "cli/time_text.h"
#include "cli/token/token_view.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

std::string_view state_name(VaultState state) {
  switch (state) {
    case VaultState::kNone:
      return "none";
    case VaultState::kLocked:
      return "locked";
    case VaultState::kUnlocked:
      return "unlocked";
    case VaultState::kUnusable:
      return "unusable";
  }
  return "unknown";
}

/// The project of the working folder, as far as can be told without asking anybody.
struct ProjectStatus {
  ProjectHere here;
  std::string collection;  ///< empty: the vault does not know the project, or is not open
  std::string state;       ///< in words
};

std::optional<ProjectStatus> find_project_status(Context& context, bool open) {
  auto here = project_here();
  if (!here.ok()) {
    complain(here.error().message);
    return {};
  }
  if (!*here) return {};
  ProjectStatus found{std::move(**here), {}, "unknown while locked"};
  if (!open) return found;
  auto place = context.client().resolve_project(found.here.reference());
  if (!place.ok()) {
    found.state = place.error().code == Reason::kNotFound ? "not linked" : "unknown";
    return found;
  }
  found.collection = std::move(place->collection);
  found.state = place->trusted() ? "trusted" : "not trusted here";
  return found;
}

void write(JsonWriter& json, const ProjectStatus& project) {
  json.key("project");
  json.begin_object();
  json.member("id", project.here.link.id);
  json.member("folder", project.here.folder.path);
  if (!project.collection.empty()) json.member("collection", project.collection);
  json.member("state", project.state);
  json.end_object();
}

/// None where they cannot be told without asking anybody.
using Tokens = std::optional<std::vector<TokenInfo>>;

Tokens find_tokens(Context& context, bool open) {
  if (!open) return {};
  auto tokens = context.client().tokens();
  if (!tokens.ok()) return {};
  return std::move(*tokens);
}

Result<void> print_json(const DaemonStatus& status, const std::optional<ProjectStatus>& project,
                        const Tokens& tokens) {
  JsonWriter json;
  json.begin_object();
  json.member("state", state_name(status.state));
  json.member("version", status.version);
  json.member("pid", status.pid);
  json.member("vault", status.vault_path);
  json.member("socket", status.socket_path);
  time_member(json, "unlocked", status.unlocked);
  time_member(json, "locks", status.locks);
  json.member("uptime_ms", status.uptime_ms);
  json.member("read_only", status.read_only);
  json.member("recovery_key_unconfirmed", status.recovery_key_unconfirmed);
  json.key("slots");
  json.begin_array();
  for (const SlotKind kind : status.slot_kinds) json.string(slot_kind_name(kind));
  json.end_array();
  if (status.problem != Reason::kUnspecified) {
    json.member("problem", reason_name(status.problem));
    json.member("problem_message", status.problem_message);
  }
  if (project) write(json, *project);
  if (tokens) {
    json.key("tokens");
    json.begin_array();
    for (const TokenInfo& token : *tokens) write_token(json, token);
    json.end_array();
  }
  json.end_object();
  return print(json.take().bytes());
}

std::string as_text(const DaemonStatus& status, const std::optional<ProjectStatus>& project,
                    const Tokens& tokens) {
  std::string text;
  const auto line = [&](std::string_view label, std::string_view value) {
    std::string head(label);
    head.resize(9, ' ');
    text += head + visible(value) + "\n";
  };
  std::string state(state_name(status.state));
  if (status.state == VaultState::kUnlocked) {
    state += status.locks == 0 ? "" : ", locks " + rfc3339(status.locks) + " if not used";
    if (status.read_only) state += ", read-only";
  }
  line("vault:", state);
  if (!status.vault_path.empty()) line("in:", status.vault_path);
  line("daemon:", status.version + ", pid " + std::to_string(status.pid));
  line("socket:", status.socket_path);
  if (project) {
    const bool known = !project->collection.empty();
    line("project:", (known ? "collection " + project->collection : project->here.link.id) +
                         " of " + project->here.folder.path + ", " + project->state);
  }
  for (const TokenInfo& token : tokens.value_or(std::vector<TokenInfo>())) {
    line("token:", token_name(token) + ": " + token_state(token));
  }
  return text;
}

void remind(const DaemonStatus& status) {
  if (!status.problem_message.empty()) complain(status.problem_message);
  if (status.recovery_key_unconfirmed) {
    remark(
        "the recovery key was never confirmed; if you did not write it down, run `tacit slot "
        "add recovery-key` for a new one");
  }
  if (status.version != version()) {
    remark("the daemon is version " + status.version + ", this command " + std::string(version()) +
           "; `tacit daemon restart` starts the one that goes with it");
  }
}

int run_status(Context& context) {
  auto status = context.client().status();
  if (status.ok() && status->state == VaultState::kNone && context.terminal() != nullptr) {
    const Error none{Reason::kNoVault, ""};
    bool retried = false;
    if (mend(context, {}, none, retried).ok()) status = context.client().status();
  }
  if (!status.ok()) return fail(status.error());
  const bool open = status->state == VaultState::kUnlocked;
  const auto project = find_project_status(context, open);
  const Tokens tokens = find_tokens(context, open);
  const auto printed = context.options.json ? print_json(*status, project, tokens)
                                            : print(as_text(*status, project, tokens));
  if (!printed.ok()) return fail(printed.error());
  remind(*status);
  if (status->state == VaultState::kNone) {
    remark("there is no vault yet; run `tacit init` to make one");
    return kExitNoVault;
  }
  return status->problem == Reason::kUnspecified ? kExitOk : exit_code(status->problem);
}

}  // namespace

Action define_status(CLI::App&) { return run_status; }

}  // namespace tacit::cli
