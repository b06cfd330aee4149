#include "cli/project_here.h"

#include "cli/project_link.h"
#include "cli/session_gate.h"
#include "cli/utf8.h"

namespace tacit::cli {
namespace {

Result<ProjectHere> by_collection(const Context& context, const std::string& profile) {
  if (!profile.empty()) {
    return Error{Reason::kInvalidArgument,
                 "--profile is a project's; with -c name the collection COLLECTION/PROFILE itself"};
  }
  if (auto valid = check_name(context.options.collection, "collection"); !valid.ok()) {
    return valid.error();
  }
  auto link = find_project(".");
  if (link.ok() && *link) return ProjectHere{(*link)->folder, context.options.collection, {}};
  auto folder = find_folder(".");
  if (!folder.ok()) return folder.error();
  return ProjectHere{folder->path, context.options.collection, {}};
}

}  // namespace

Result<ProjectHere> project_here(Context& context, const std::string& profile) {
  if (context.options.collection_given) return by_collection(context, profile);
  auto link = find_project(".");
  if (!link.ok()) return link.error();
  if (!*link) {
    return Error{Reason::kNotFound,
                 "there is no project here: no `.env` in this folder or above it names one; run "
                 "`tacit project init`, or name a collection with -c"};
  }
  auto folder = find_folder((*link)->folder);
  if (!folder.ok()) return folder.error();
  ProjectRef project{(*link)->id, std::move(*folder), profile};
  const auto place =
      with_session(context, [&](Client& client) { return client.resolve_project(project); });
  const std::string where = printable((*link)->folder);
  if (!place.ok()) {
    const bool absent = place.error().code == Reason::kNotFound;
    return Error{place.error().code,
                 where + ": " + place.error().message +
                     (absent && profile.empty() ? "; `tacit project link` makes it known" : "")};
  }
  if (!place->trusted()) {
    return Error{place->reason, where +
                                    " holds the id of a project whose secrets are not given "
                                    "in this folder; run `tacit project trust` here if they "
                                    "are to be"};
  }
  return ProjectHere{(*link)->folder, place->collection, std::move(project)};
}

}  // namespace tacit::cli
