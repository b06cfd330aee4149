// Projects as requests name them.
#pragma once
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/collection_book.h"
#include "daemon/access/collection_record.h"
#include "tacit/v1/projects.pb.h"

namespace tacit {

/// A folder that a client tells of. Error: kInvalidArgument.
absl::StatusOr<ProjectFolder> folder_from(const v1::Folder& folder);
void fill(const ProjectFolder& from, v1::Folder& to);

/// A project as it stands in the book, and whether its secrets are given in the folder.
struct ProjectPlace {
  ProjectEntry project;
  std::string collection;  ///< the profile's, where one is named
  ProjectFolder folder;
  bool trusted = false;
};
/// Errors: kInvalidArgument; kNotFound, no such project or profile.
absl::StatusOr<ProjectPlace> place_of(const CollectionBook& book, const Vault& vault,
                                      const v1::ProjectRef& ref);
/// For those who are not asked back.
absl::Status untrusted_folder(const ProjectPlace& place);

}  // namespace tacit
