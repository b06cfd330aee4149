// `tacit project init|link|trust`: a folder becomes a project's.
#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/options.h"
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

Result<ProjectHere> here_by(const PlannedId& planned) {
  auto folder = find_folder(planned.link().folder);
  if (!folder.ok()) return folder.error();
  return ProjectHere{planned.link(), std::move(*folder)};
}

/// The collection that was asked for; empty: that which is named like the id.
std::string wanted_collection(const Context& context) {
  return context.options.collection_given ? context.options.collection : std::string();
}

/// The id of a project that is given here already, though no file names it: an `init` before was
/// broken off, or the file is gone. None: there is none, or this program is not told of any.
std::string id_given_here(Context& context, const Folder& folder, const std::string& collection) {
  const auto projects = context.client().projects();
  if (!projects.ok()) return {};
  std::string id;
  for (const Project& one : *projects) {
    const bool here = std::ranges::any_of(
        one.folders, [&](const KnownFolder& known) { return known.folder.path == folder.path; });
    if (!here || (!collection.empty() && one.collection != collection)) continue;
    if (!id.empty()) return {};
    id = one.id;
  }
  return id;
}

/// The vault has agreed.
Result<void> write_line(PlannedId& planned) {
  const auto written = planned.write();
  if (written.ok()) return {};
  return Error{written.error().code,
               written.error().message +
                   "; the vault gives the project's secrets in this folder already: run this again "
                   "when the file can be written, or `tacit project unlink " +
                   shell_word(planned.link().folder) + "`"};
}

int run_init(Context& context) {
  // So that nobody is asked about a folder for a vault that then does not open.
  if (auto open = ensure_unlocked(context); !open.ok()) return fail(open.error());
  auto planned = plan_project_id(".");
  if (!planned.ok()) return fail(planned.error());
  auto here = here_by(*planned);
  if (!here.ok()) return fail(here.error());
  const bool there = planned->there();
  if (!there) {
    const std::string id = id_given_here(context, here->folder, wanted_collection(context));
    if (!id.empty()) planned->use(id);
    here->link = planned->link();
  }
  auto linked = link_project(context, *here, wanted_collection(context));
  if (!linked.ok()) return fail(linked.error());
  if (const auto done = write_line(*planned); !done.ok()) return fail(done.error());
  return print_outcome(context, *here, {linked->collection, linked->created, !there});
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
  auto planned = plan_project_id(".");
  if (!planned.ok()) return fail(planned.error());
  const bool there = planned->there();
  if (there && planned->link().id != project->id) {
    return fail({Reason::kAlreadyExists, visible(planned->link().file) + ":" +
                                             std::to_string(planned->link().line) +
                                             ": this folder is the project " + planned->link().id +
                                             "; take that line away to make it another"});
  }
  planned->use(project->id);
  const auto here = here_by(*planned);
  if (!here.ok()) return fail(here.error());
  const auto trusted = trust_folder(context, *here);
  if (!trusted.ok()) return fail(trusted.error());
  if (const auto done = write_line(*planned); !done.ok()) return fail(done.error());
  return print_outcome(context, *here, {trusted->collection, false, !there});
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
