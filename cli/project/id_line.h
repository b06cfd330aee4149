// The line in a folder's `.env` that makes it a project: `USER_SECRETS_ID=UUID`.
#pragma once
#include <string>

#include "cli/project_link.h"

namespace tacit::cli {

struct IdLine {
  ProjectLink link;
  bool written = false;  ///< it was not there before
};

/// The id that the `.env` of this very folder names, and where it names none, a line for it behind
/// what is there: everything else stays byte for byte, with mode and owner; a file whose last line
/// does not end gets a newline first. `id` empty: a new random one (RFC 9562, version 4).
/// Of several at once one writes, and all get its id.
/// Errors: those of parse_project_id; kAlreadyExists, it names another than `id`; kInvalidArgument,
/// a symbolic link out of the folder, which is not followed; kNotFound, no such folder; kIoError.
Result<IdLine> ensure_project_id(const std::string& folder, const std::string& id = {});

}  // namespace tacit::cli
