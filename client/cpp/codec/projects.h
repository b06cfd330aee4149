// Messages of collections.proto, projects.proto and scan.proto: requests written, replies read.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "client/cpp/codec/secrets.h"

namespace tacit::codec {

MessageBuffer create_collection_request(std::string_view name, Interaction interaction);
MessageBuffer rename_collection_request(std::string_view name, std::string_view new_name,
                                        std::string_view expected_id, Interaction interaction);
MessageBuffer delete_collection_request(std::string_view name, bool with_items,
                                        std::string_view expected_id,
                                        const Credential* authorization, Interaction interaction);
MessageBuffer collections_request(Interaction interaction);
MessageBuffer inherit_request(std::string_view name, const OptionalCollection& parent,
                              Interaction interaction);
/// The collection's id.
Result<std::string> create_collection_reply(const SecretBytes& message);
/// DeleteCollection and ClearProject: how many items.
Result<std::uint64_t> deleted_reply(const SecretBytes& message);
Result<std::vector<Collection>> all_collections_reply(const SecretBytes& message);

void add_project(Writer& writer, std::uint32_t field, const ProjectRef& project);
MessageBuffer link_project_request(std::string_view id, const Folder& folder,
                                   std::string_view collection, bool consented,
                                   Interaction interaction);
MessageBuffer resolve_project_request(const ProjectRef& project, Interaction interaction);
MessageBuffer trust_folder_request(std::string_view id, const Folder& folder, bool consented,
                                   Interaction interaction);
MessageBuffer list_projects_request(Interaction interaction);
MessageBuffer unlink_folder_request(std::string_view id, const Folder& folder,
                                    Interaction interaction);
MessageBuffer clear_project_request(std::string_view id, Interaction interaction);
Result<LinkedProject> link_project_reply(const SecretBytes& message);
Result<ProjectPlace> resolve_project_reply(const SecretBytes& message);
Result<TrustedFolder> trust_folder_reply(const SecretBytes& message);
Result<std::vector<Project>> list_projects_reply(const SecretBytes& message);

/// Everything in a collection, or in a project.
MessageBuffer get_all_request(std::string_view collection, Interaction interaction);
MessageBuffer get_all_request(const ProjectRef& project, Interaction interaction);

MessageBuffer begin_scan_request(const OptionalCollection& collection, Interaction interaction);
MessageBuffer confirm_scan_request(std::uint64_t scan_id, std::span<const ScanPart> parts,
                                   Interaction interaction);
Result<ScanSieve> begin_scan_reply(const SecretBytes& message);
Result<std::vector<ScanHit>> confirm_scan_reply(const SecretBytes& message);

}  // namespace tacit::codec
