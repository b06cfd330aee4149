// `tacit project init|link|trust`: a folder becomes a project's.
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/project/id_line.h"
#include "cli/project/link.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

struct Outcome {
  std::string collection;
  bool created = false;  ///< the vault did not know it before
  bool line_written = false;
};

int print_outcome(const Context& context, const ProjectHere& here, const Outcome& outcome) {
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("id", here.link.id);
    json.member("collection", outcome.collection);
    json.member("folder", here.folder.path);
    json.member("file", here.link.file);
    json.member("created", outcome.created);
    json.member("line_written", outcome.line_written);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  return finish(print("project:    " + here.link.id +
                      "\ncollection: " + visible(outcome.collection) +
                      "\nfolder:     " + visible(here.folder.path) + "\n"));
}

Result<ProjectHere> here_by(const IdLine& line) {
  auto folder = find_folder(line.link.folder);
  if (!folder.ok()) return folder.error();
  return ProjectHere{line.link, std::move(*folder)};
}

/// The collection that was asked for; empty: that which is named like the id.
std::string wanted_collection(const Context& context) {
  return context.options.collection_given ? context.options.collection : std::string();
}

int run_init(Context& context) {
  // So that no line is written for a vault that then does not open.
  if (auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  const auto line = ensure_project_id(".");
  if (!line.ok()) return fail(line.error());
  const auto here = here_by(*line);
  if (!here.ok()) return fail(here.error());
  auto linked = link_project(context, *here, wanted_collection(context));
  if (!linked.ok()) return fail(linked.error());
  return print_outcome(context, *here, {linked->collection, linked->created, line->written});
}

/// The project that is called `name`: its id, or its collection.
Result<Project> known_project(Context& context, const std::string& name) {
  auto projects = with_session(context, [](Client& client) { return client.projects(); });
  if (!projects.ok()) return projects.error();
  const auto found = std::ranges::find_if(
      *projects, [&](const Project& one) { return one.id == name || one.collection == name; });
  if (found != projects->end()) return std::move(*found);
  return Error{Reason::kNotFound, "there is no project `" + visible(name) +
                                      "`; `tacit project list` shows those that are"};
}

int run_link(Context& context, const std::string& name) {
  if (name.empty()) {
    const auto here = require_project();
    if (!here.ok()) return fail(here.error());
    auto linked = link_project(context, *here, wanted_collection(context));
    if (!linked.ok()) return fail(linked.error());
    return print_outcome(context, *here, {linked->collection, linked->created, false});
  }
  const auto project = known_project(context, name);
  if (!project.ok()) return fail(project.error());
  const auto line = ensure_project_id(".", project->id);
  if (!line.ok()) return fail(line.error());
  const auto here = here_by(*line);
  if (!here.ok()) return fail(here.error());
  const auto trusted = trust_folder(context, *here);
  if (!trusted.ok()) return fail(trusted.error());
  return print_outcome(context, *here, {trusted->collection, false, line->written});
}

int run_trust(Context& context) {
  const auto here = require_project();
  if (!here.ok()) return fail(here.error());
  const auto trusted = trust_folder(context, *here);
  if (!trusted.ok()) return fail(trusted.error());
  if (context.options.json) {
    JsonWriter json;
    json.begin_object();
    json.member("id", here->link.id);
    json.member("collection", trusted->collection);
    json.member("folder", here->folder.path);
    if (!trusted->moved_from.empty()) json.member("moved_from", trusted->moved_from);
    json.member("trusted_before", trusted->before);
    json.end_object();
    return finish(print(json.take().bytes()));
  }
  if (trusted->before) remark("this folder is trusted already");
  if (!trusted->moved_from.empty()) {
    remark(visible(trusted->moved_from) + " is no longer trusted: the folder was moved from there");
  }
  return kExitOk;
}

}  // namespace

Action define_project_init(CLI::App&) { return run_init; }

Action define_project_link(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("PROJECT", *name, "A project of the vault, by id or collection, for this folder")
      ->type_name("");
  return [name](Context& context) { return run_link(context, *name); };
}

Action define_project_trust(CLI::App&) { return run_trust; }

}  // namespace tacit::cli
