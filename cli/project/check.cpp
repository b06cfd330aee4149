// `tacit project check`: what the manifest names and the vault lacks.
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/project/needs.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

Result<void> print_needs(const Context& context, const ProjectNeeds& all) {
  if (!context.options.json) {
    std::string text;
    for (const Need& need : all.needs) {
      if (need.state == NeedState::kThere) continue;
      text += visible(need.secret.name) + ": " + std::string(state_name(need.state));
      if (!need.secret.required) text += ", optional";
      if (!need.secret.description.empty()) text += ": " + visible(need.secret.description);
      text += "\n";
    }
    return print(text);
  }
  JsonWriter json;
  json.begin_object();
  json.member("collection", all.target.collection);
  json.member("manifest", all.file);
  json.key("secrets");
  json.begin_array();
  for (const Need& need : all.needs) {
    json.begin_object();
    json.member("name", need.secret.name);
    json.member("state", state_name(need.state));
    json.member("required", need.secret.required);
    if (!need.secret.description.empty()) json.member("description", need.secret.description);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return print(json.take().bytes());
}

int run_check(Context& context) {
  const auto all = project_needs(context);
  if (!all.ok()) return fail(all.error());
  if (const auto printed = print_needs(context, *all); !printed.ok()) return fail(printed.error());
  bool lacks = false;
  for (const Need& need : all->needs) {
    lacks = lacks || (need.secret.required && need.state != NeedState::kThere);
  }
  if (lacks) complain("`tacit project setup` asks for what is missing");
  return lacks ? kExitFound : kExitOk;
}

}  // namespace

Action define_project_check(CLI::App&) {
  return [](Context& context) { return run_check(context); };
}

}  // namespace tacit::cli
