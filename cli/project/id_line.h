// The line in a folder's `.env` that makes it a project: `USER_SECRETS_ID=UUID`.
#pragma once
#include <memory>
#include <string>

#include "cli/project_link.h"

namespace tacit::cli {

/// A folder on its way to be a project's: the daemon is asked between the two steps, so that
/// nothing is left in the folder where it refuses. Until it goes, others that would write an id
/// there wait, and then find this one's.
class PlannedId {
 public:
  PlannedId(PlannedId&&) noexcept;
  ~PlannedId();

  const ProjectLink& link() const;
  bool there() const;  ///< the file has the line already
  /// Another id than a random one, while there is none yet.
  void use(const std::string& id);
  /// The line, behind what is there: everything else stays byte for byte, with mode and owner; a
  /// file whose last line does not end gets a newline first. There already: nothing is done.
  /// Errors: kIoError; kAlreadyExists, a file has appeared meanwhile.
  Result<void> write();

 private:
  friend Result<PlannedId> plan_project_id(const std::string& folder);
  struct Parts;
  explicit PlannedId(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The id that the `.env` of this very folder names, and where it names none, a new random one (RFC
/// 9562, version 4). Writes nothing. Errors: those of parse_project_id; kInvalidArgument, a
/// symbolic link out of the folder, which is not followed; kNotFound, no such folder; kPermissions,
/// a file that would not be believed; kIoError, the file cannot be read or would not be written.
Result<PlannedId> plan_project_id(const std::string& folder);

}  // namespace tacit::cli
