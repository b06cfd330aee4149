#include "cli/project/names.h"

#include <utility>

#include "cli/output.h"
#include "cli/session_gate.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

Result<std::string> profile_of(const std::string& collection, const std::string& profile) {
  if (profile.empty()) return collection;
  if (profile.find('/') != std::string::npos || collection.find('/') != std::string::npos) {
    return Error{Reason::kInvalidArgument,
                 "a profile's name has no `/`, and a profile has no profiles; the profile P of a "
                 "collection X is the collection X/P"};
  }
  return collection + "/" + profile;
}

Result<std::string> collection_of_project(Context& context, const ProjectHere& here) {
  const auto place = with_session(
      context, [&](Client& client) { return client.resolve_project(here.reference()); });
  if (!place.ok()) {
    return place.error().code == Reason::kNotFound ? unlinked(here) : place.error();
  }
  if (!place->trusted()) return untrusted(here, *place);
  return place->collection;
}

}  // namespace

Result<std::optional<ProjectLink>> find_project_here() {
  static bool said = false;
  std::vector<std::string> passed_by;
  auto link = find_project(".", &passed_by);
  if (!std::exchange(said, said || !passed_by.empty())) {
    for (const std::string& one : passed_by) remark(one + ", and is not taken for a project's");
  }
  return link;
}

Result<std::optional<ProjectHere>> project_here() {
  auto link = find_project_here();
  if (!link.ok()) {
    if (link.error().code == Reason::kNotFound) return std::optional<ProjectHere>();
    return Error{link.error().code, link.error().message + "; -g leaves projects aside"};
  }
  if (!*link) return std::optional<ProjectHere>();
  auto folder = find_folder((*link)->folder);
  if (!folder.ok()) return folder.error();
  return std::optional(ProjectHere{std::move(**link), std::move(*folder)});
}

Result<ProjectHere> require_project() {
  auto here = project_here();
  if (!here.ok()) return here.error();
  if (*here) return std::move(**here);
  return Error{Reason::kNotFound,
               "this folder is in no project: neither its `.env` nor one above it has a line "
               "USER_SECRETS_ID=...; `tacit project init` makes it one"};
}

Result<std::string> collection_of_names(Context& context) {
  const GlobalOptions& options = context.options;
  if (options.collection_given) return profile_of(options.collection, options.profile);
  if (options.global) return profile_of(std::string(kDefaultCollection), options.profile);
  const auto here = project_here();
  if (!here.ok()) return here.error();
  if (*here) {
    auto collection = collection_of_project(context, **here);
    if (!collection.ok()) return collection;
    return profile_of(*collection, options.profile);
  }
  if (options.profile.empty()) return std::string(kDefaultCollection);
  return Error{Reason::kInvalidArgument,
               "--profile is for a project, and this folder is in none; say -c COLLECTION, or -g "
               "for a profile of the default one"};
}

Error untrusted(const ProjectHere& here, const ProjectPlace& place) {
  std::string known;
  if (place.known_withheld) known = "other folders, which a policy keeps from this program";
  for (const KnownFolder& one : place.known) {
    known += (known.empty() ? "" : ", ") + visible(one.folder.path) +
             (one.same_folder ? " (which was moved here)" : "");
  }
  return {Reason::kUntrustedFolder,
          "the secrets of the collection `" + visible(place.collection) + "`, whose project " +
              visible(here.link.file) + " names, are given in " +
              (known.empty() ? "no folder" : known) + ", not in " + visible(here.folder.path) +
              "; run `tacit project trust` if they are meant to be, or use -g or -c"};
}

Error unlinked(const ProjectHere& here) {
  return {Reason::kNotFound,
          "the vault does not know the project " + here.link.id + " of " + visible(here.link.file) +
              "; run `tacit project link` to give it a collection, or use -g or -c"};
}

}  // namespace tacit::cli
