// The folder and the collection that verbs about a whole project work on.
#pragma once
#include <string>

#include "cli/context.h"

namespace tacit::cli {

struct ProjectTarget {
  std::string folder;      ///< of the project; where there is none the working folder
  std::string collection;  ///< Context::collection()
};

/// A project is needed unless `-c` or `-g` names the collection. Errors: those of require_project
/// and Context::collection.
Result<ProjectTarget> project_target(Context& context);

}  // namespace tacit::cli
