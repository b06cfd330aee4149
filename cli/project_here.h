// The project of the working folder, for the verbs that are about it.
#pragma once
#include <optional>
#include <string>

#include "cli/context.h"

namespace tacit::cli {

struct ProjectHere {
  std::string folder;      ///< of the project; with `-c` and no project the working folder
  std::string collection;  ///< whose secrets they are; a profile's where one was named
  std::optional<ProjectRef> project;  ///< none: `-c` named the collection
};

/// By the id in `.env`, or, with `-c`, that collection whatever the folder is. Errors: kNotFound,
/// no project here, or no such profile; kUntrustedFolder; kInvalidArgument, `-c` and a profile.
Result<ProjectHere> project_here(Context& context, const std::string& profile);

}  // namespace tacit::cli
