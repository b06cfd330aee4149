#include "daemon/rpc/project_places.h"

#include <algorithm>

#include "daemon/base/status.h"
#include "tacit/reference.h"  // check_name

namespace tacit {

absl::StatusOr<ProjectFolder> folder_from(const v1::Folder& folder) {
  if (is_canonical(folder.path())) {
    return ProjectFolder{folder.path(), folder.device(), folder.inode(), 0};
  }
  return make_error(Reason::kInvalidArgument,
                    "a project's folder is an absolute path of at most 3,072 bytes without `.`, "
                    "`..`, a doubled or a last `/`, and with symbolic links resolved");
}

void fill(const ProjectFolder& from, v1::Folder& to) {
  to.set_path(from.path);
  to.set_device(from.device);
  to.set_inode(from.inode);
}

absl::StatusOr<ProjectPlace> place_of(const CollectionBook& book, const Vault& vault,
                                      const v1::ProjectRef& ref) {
  const absl::StatusOr<ProjectId> id = project_id_from(ref.id());
  if (!id.ok()) return id.status();
  absl::StatusOr<ProjectFolder> folder = folder_from(ref.folder());
  if (!folder.ok()) return folder.status();
  const std::optional<ProjectEntry> project = book.find(*id);
  if (!project) {
    return make_error(Reason::kNotFound,
                      "the project's id is not linked to a collection here; `tacit project link` "
                      "does that");
  }
  ProjectPlace place{*project, vault.collection_name(project->collection), *std::move(folder),
                     false};
  if (!ref.profile().empty()) {
    const Result<void> good = check_name(ref.profile(), "profile");
    if (!good) return make_error(good.error().code, good.error().message);
    if (ref.profile().find('/') != std::string::npos ||
        place.collection.find('/') != std::string::npos) {
      return make_error(
          Reason::kInvalidArgument,
          "a profile's name holds no `/`, and the project of a profile is none itself");
    }
    place.collection += "/" + ref.profile();
    if (!vault.collection_id(place.collection)) {
      return make_error(Reason::kNotFound,
                        "the project has no such profile; `tacit collection create` makes one");
    }
  }
  place.trusted = std::ranges::any_of(
      place.project.folders, [&](const ProjectFolder& known) { return known.at(place.folder); });
  return place;
}

absl::Status untrusted_folder(const ProjectPlace& place) {
  const bool moved = std::ranges::any_of(place.project.folders, [&](const ProjectFolder& known) {
    return known.same_as(place.folder);
  });
  return make_error(Reason::kUntrustedFolder,
                    moved ? "the project's folder was moved; if that was you, run `tacit project "
                            "trust` there"
                          : "the project's secrets are not given in this folder; if they should "
                            "be, run `tacit project trust` there");
}

}  // namespace tacit
