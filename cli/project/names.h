// Which collection a bare name means.
#pragma once
#include <optional>
#include <string>

#include "cli/project_link.h"
#include "tacit/client.h"

namespace tacit::cli {

class Context;

/// The project whose folder the working folder is, or lies in.
struct ProjectHere {
  ProjectLink link;
  Folder folder;  ///< that of the link

  ProjectRef reference() const { return {link.id, folder, {}}; }
};

/// `find_project` of the working folder, which says once on standard error what it passed by.
Result<std::optional<ProjectLink>> find_project_here();
/// None: the working folder is in no project, or is gone. Errors: those of find_project.
Result<std::optional<ProjectHere>> project_here();
/// The same where there has to be one. Also kNotFound, which says what to do.
Result<ProjectHere> require_project();

/// That of `-c`, that of the project here unless `-g`, else the default one; with `--profile P`,
/// its profile P, which need not be there. Errors: kUntrustedFolder; kNotFound, the vault does not
/// know the project; kInvalidArgument, a profile of no project; those of project_here. Each says
/// what to do.
Result<std::string> collection_of_names(Context& context);

/// What stands against a project's secrets being given here; `place` is not trusted.
Error untrusted(const ProjectHere& here, const ProjectPlace& place);
/// The vault does not know the project.
Error unlinked(const ProjectHere& here);

}  // namespace tacit::cli
