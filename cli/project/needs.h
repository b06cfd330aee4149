// What the manifest of a project asks for, held against what the vault has.
#pragma once
#include <string>
#include <vector>

#include "cli/manifest.h"
#include "cli/project/target.h"

namespace tacit::cli {

enum class NeedState { kThere, kMissing, kExpired };

struct Need {
  NeededSecret secret;
  NeedState state = NeedState::kMissing;
  std::uint64_t version = 0;  ///< the one that is there; 0: none
};

struct ProjectNeeds {
  ProjectTarget target;
  std::string file;  ///< the manifest
  std::vector<Need> needs;
};

/// Reads `tacit.toml` in the project's folder and lists the collection, inherited secrets and all.
/// Errors: those of project_target and parse_manifest; kNotFound, there is no manifest; kIoError.
Result<ProjectNeeds> project_needs(Context& context);

/// `missing` and the like.
std::string_view state_name(NeedState state);

}  // namespace tacit::cli
