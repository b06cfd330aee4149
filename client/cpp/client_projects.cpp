// Collections, projects and scans.
#include <algorithm>

#include "client/cpp/checks.h"
#include "client/cpp/client_impl.h"
#include "client/cpp/codec/projects.h"

namespace tacit {
namespace {

/// What everything of a stream gives, in its order.
template <class Part>
auto into(std::vector<Part>& all) {
  return [&all](std::vector<Part> part) {
    std::ranges::move(part, std::back_inserter(all));
    return true;
  };
}

Result<void> check_project(const ProjectRef& project) {
  if (auto good = check_project_id(project.id); !good) return good;
  if (project.profile.empty()) return {};
  if (project.profile.find('/') != std::string::npos) {
    return Error{Reason::kInvalidArgument, "a profile's name holds no `/`"};
  }
  return check_name(project.profile, "profile");
}

}  // namespace

Result<std::vector<FoundItem>> Client::get_all(std::string_view collection) {
  if (auto good = check_collection(collection); !good) return good.error();
  return impl_->found_items(codec::get_all_request(collection, impl_->interaction()),
                            [&] { return Result<std::string>(std::string(collection)); });
}

Result<std::vector<FoundItem>> Client::get_all(const ProjectRef& project) {
  if (auto good = check_project(project); !good) return good.error();
  return impl_->found_items(codec::get_all_request(project, impl_->interaction()),
                            [&]() -> Result<std::string> {
                              auto place = resolve_project(project);
                              if (!place) return place.error();
                              return std::move(place->collection);
                            });
}

Result<std::string> Client::create_collection(std::string_view name) {
  if (auto good = check_name(name, "collection"); !good) return good.error();
  return impl_->ask("/tacit.v1.Collections/Create",
                    codec::create_collection_request(name, impl_->interaction()),
                    impl_->patient_limits(), codec::create_collection_reply);
}

Result<void> Client::rename_collection(std::string_view name, std::string_view new_name,
                                       std::string_view expected_id) {
  if (auto good = check_collection(name); !good) return good;
  if (auto good = check_name(new_name, "collection"); !good) return good;
  return impl_->tell(
      "/tacit.v1.Collections/Rename",
      codec::rename_collection_request(name, new_name, expected_id, impl_->interaction()),
      impl_->patient_limits());
}

Result<std::uint64_t> Client::delete_collection(std::string_view name, bool with_items,
                                                const Credential* authorization,
                                                std::string_view expected_id) {
  if (auto good = check_collection(name); !good) return good.error();
  return impl_->ask("/tacit.v1.Collections/Delete",
                    codec::delete_collection_request(name, with_items, expected_id, authorization,
                                                     impl_->interaction()),
                    authorization ? impl_->slow_limits() : impl_->patient_limits(),
                    codec::deleted_reply);
}

Result<std::vector<Collection>> Client::all_collections() {
  std::vector<Collection> out;
  const auto done =
      impl_->follow("/tacit.v1.Collections/List", codec::collections_request(impl_->interaction()),
                    impl_->patient_limits(), codec::all_collections_reply, into(out));
  if (!done) return done.error();
  return out;
}

Result<void> Client::inherit(std::string_view name, std::optional<std::string_view> parent) {
  if (auto good = check_collection(name); !good) return good;
  if (auto good = check_collection(parent); !good) return good;
  return impl_->tell("/tacit.v1.Collections/Inherit",
                     codec::inherit_request(name, parent, impl_->interaction()),
                     impl_->patient_limits());
}

Result<LinkedProject> Client::link_project(std::string_view id, const Folder& folder,
                                           std::string_view collection, bool consented) {
  if (auto good = check_project_id(id); !good) return good.error();
  if (auto good = check_collection(collection); !good) return good.error();
  return impl_->ask(
      "/tacit.v1.Projects/Link",
      codec::link_project_request(id, folder, collection, consented, impl_->interaction()),
      impl_->patient_limits(), codec::link_project_reply);
}

Result<ProjectPlace> Client::resolve_project(const ProjectRef& project) {
  if (auto good = check_project(project); !good) return good.error();
  return impl_->ask("/tacit.v1.Projects/Resolve",
                    codec::resolve_project_request(project, impl_->interaction()),
                    impl_->patient_limits(), codec::resolve_project_reply);
}

Result<TrustedFolder> Client::trust_folder(std::string_view id, const Folder& folder,
                                           bool consented) {
  if (auto good = check_project_id(id); !good) return good.error();
  return impl_->ask("/tacit.v1.Projects/Trust",
                    codec::trust_folder_request(id, folder, consented, impl_->interaction()),
                    impl_->patient_limits(), codec::trust_folder_reply);
}

Result<std::vector<Project>> Client::projects() {
  std::vector<Project> out;
  const auto done =
      impl_->follow("/tacit.v1.Projects/List", codec::list_projects_request(impl_->interaction()),
                    impl_->patient_limits(), codec::list_projects_reply, into(out));
  if (!done) return done.error();
  return out;
}

Result<void> Client::unlink_folder(std::string_view id, const Folder& folder) {
  if (auto good = check_project_id(id); !good) return good;
  return impl_->tell("/tacit.v1.Projects/Unlink",
                     codec::unlink_folder_request(id, folder, impl_->interaction()),
                     impl_->patient_limits());
}

Result<std::uint64_t> Client::clear_project(std::string_view id) {
  if (auto good = check_project_id(id); !good) return good.error();
  return impl_->ask("/tacit.v1.Projects/Clear",
                    codec::clear_project_request(id, impl_->interaction()), impl_->patient_limits(),
                    codec::deleted_reply);
}

Result<ScanSieve> Client::begin_scan(std::optional<std::string_view> collection) {
  if (auto good = check_collection(collection); !good) return good.error();
  ScanSieve out;
  const auto done = impl_->follow(
      "/tacit.v1.Scan/Begin", codec::begin_scan_request(collection, impl_->interaction()),
      impl_->patient_limits(), codec::begin_scan_reply, [&](ScanSieve part) {
        std::ranges::copy(out.fingerprints, std::back_inserter(part.fingerprints));
        out = std::move(part);
        return true;
      });
  if (!done) return done.error();
  if (out.complete) return out;
  return Error{Reason::kProtocol, "the daemon's answer to the scan is not whole"};
}

Result<std::vector<ScanHit>> Client::confirm_scan(std::uint64_t scan_id,
                                                  std::span<const ScanPart> parts) {
  return impl_->ask("/tacit.v1.Scan/Confirm",
                    codec::confirm_scan_request(scan_id, parts, impl_->interaction()),
                    impl_->patient_limits(), codec::confirm_scan_reply);
}

}  // namespace tacit
