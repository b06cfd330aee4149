// Which project a folder belongs to: the id in the nearest `.env` above it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/result.h"

struct stat;

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

/// Whether a file that says what this user's programs do is to be believed: it is the user's own,
/// and so is a symbolic link on the way to it, and not everybody can write it. `link`: lstat(2) of
/// it, `file`: stat(2). Else says why not, in words behind its name.
std::optional<std::string> why_not_believed(const struct stat& link, const struct stat& file);

/// The nearest one: in `folder` or a folder above it, whose `.env` names an id. None: there is
/// none. A `.env` that is no regular file (a virtual environment, say) is passed by, and so is one
/// that names an id and is not to be believed (/tmp/.env of another user), which `passed_by` is
/// told. Errors: those of `parse_project_id`; kNotFound, no such folder; kIoError, a folder or
/// `.env` that cannot be read; kLimit, a `.env` over 1 MiB.
Result<std::optional<ProjectLink>> find_project(const std::string& folder,
                                                std::vector<std::string>* passed_by = nullptr);

}  // namespace tacit::cli
