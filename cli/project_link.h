// Which project a folder belongs to: the id in the nearest `.env` above it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tacit/result.h"

namespace tacit::cli {

/// An id as a file names it.
struct ProjectId {
  std::string text;      ///< a UUID, 8-4-4-4-12 digits in lower case
  std::size_t line = 0;  ///< from 1
};

/// `USER_SECRETS_ID=UUID` or `ENV_SECRETS_ID=UUID` on a line of its own, blanks, a leading
/// `export`, quotes and a comment behind it allowed; other lines are anything. None: no such line.
/// Errors, kInvalidArgument, naming `file` and the line, never what stands there: no UUID; another
/// id than an earlier line's.
Result<std::optional<ProjectId>> parse_project_id(std::string_view content, std::string_view file);

/// A folder with a `.env` that names an id.
struct ProjectLink {
  std::string id;
  std::string folder;    ///< absolute, no symbolic link in it
  std::string file;      ///< the `.env`
  std::size_t line = 0;  ///< where in it
};

/// The nearest one: in `folder` or a folder above it, whose `.env` names an id. None: there is
/// none. A `.env` that is no regular file (a virtual environment, say) is passed by. Errors: those
/// of `parse_project_id`; kNotFound, no such folder; kIoError, a folder or `.env` that cannot be
/// read; kLimit, a `.env` over 1 MiB.
Result<std::optional<ProjectLink>> find_project(const std::string& folder);

}  // namespace tacit::cli
