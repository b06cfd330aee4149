// Giving a project a collection, and its secrets to a folder, with the user asked where that has to
// be.
#pragma once
#include "cli/context.h"
#include "cli/project/names.h"

namespace tacit::cli {

/// Makes the project known to the vault, with `collection` (empty: named like the id), and its
/// folder trusted. Done already: fine. A collection that holds secrets is asked about on the
/// terminal. Errors: kUntrustedFolder, it is known and its folder is not trusted; kAlreadyExists;
/// kNoPrompter, there is no terminal; kUserDenied.
Result<LinkedProject> link_project(Context& context, const ProjectHere& here,
                                   const std::string& collection);

/// What became of a question whether a folder is trusted.
struct Trusted {
  std::string collection;
  std::string moved_from;  ///< empty: it was not moved
  bool before = false;     ///< it was trusted, and nothing was asked
};

/// Asks on the terminal, where both folders are shown: without one nobody trusts anything, and
/// neither does a coding agent. Errors: kNoPrompter, kUserDenied, kPolicyDenied; kNotFound, the
/// vault does not know the project.
Result<Trusted> trust_folder(Context& context, const ProjectHere& here);

}  // namespace tacit::cli
