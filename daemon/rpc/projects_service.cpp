#include "daemon/rpc/projects_service.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/rpc/authorization.h"
#include "daemon/rpc/chunks.h"
#include "daemon/rpc/collection_names.h"
#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

absl::Status not_consented() {
  return make_error(Reason::kNoPrompter,
                    "the user has to be asked whether the project's secrets are to be given in "
                    "this folder; run `tacit project trust` there, in a terminal");
}

absl::Status no_such_project() {
  return make_error(Reason::kNotFound,
                    "the project's id is not linked to a collection here; `tacit project link` "
                    "does that");
}

void fill(const ProjectFolder& from, const ProjectFolder* asked, v1::KnownFolder& to) {
  fill(from, *to.mutable_folder());
  to.set_same_folder(asked != nullptr && from.same_as(*asked));
  to.set_trusted_unix_ms(from.trusted);
}

/// The project's collection, if it has one.
std::vector<ItemName> subject_of(const CollectionBook& book, Vault& vault, const ProjectId& id) {
  const std::optional<ProjectEntry> project = book.find(id);
  if (!project) return {};
  return {ItemName{vault.collection_name(project->collection), {}}};
}

}  // namespace

struct ProjectsService::NewLink {
  ProjectId id{};
  ProjectFolder folder;
  std::string name;
};

ProjectsService::ProjectsService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Projects.Link", 2, true}, this, &ProjectsService::link);
  server.add(service_, {"Projects.Resolve", 8, true}, this, &ProjectsService::resolve);
  server.add(service_, {"Projects.Trust", 2, true}, this, &ProjectsService::trust);
  server.add(service_, {"Projects.List", 2, true}, this, &ProjectsService::list);
  server.add(service_, {"Projects.Unlink", 2, true}, this, &ProjectsService::unlink);
  server.add(service_, {"Projects.Clear", 2, true}, this, &ProjectsService::clear);
}

template <class CallType, class Then>
void ProjectsService::with_project(CallType& call, const std::string& id, bool ask, Then then) {
  const absl::StatusOr<ProjectId> parsed = project_id_from(id);
  if (!parsed.ok()) return call.fail(parsed.status());
  when_open(core_, call, ask, [this, &call, id = *parsed, then] {
    std::string collection;
    const absl::Status found =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          const std::optional<ProjectEntry> project = core_.access.collections().find(id);
          if (!project) return no_such_project();
          collection = vault.collection_name(project->collection);
          return absl::OkStatus();
        });
    if (!found.ok()) return call.fail(found);
    then(id, collection);
  });
}

AdminChange ProjectsService::change_of_link(const NewLink& asked, Verb verb) {
  const std::string project = "project " + project_id_text(asked.id);
  if (core_.access.collections().find(asked.id)) {
    return {{ItemName{asked.name, {}}}, project + " stays as it was", verb};
  }
  return {{ItemName{asked.name, {}}}, "link " + project + ", given in " + asked.folder.path, verb};
}

absl::Status ProjectsService::link_now(const NewLink& asked,
                                       Unary<v1::LinkProjectRequest, v1::LinkProjectReply>& call) {
  return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
    CollectionBook& book = core_.access.collections();
    if (const auto project = book.find(asked.id)) {
      const std::string name = vault.collection_name(project->collection);
      if (!call.request().collection().empty() && name != asked.name) {
        return make_error(Reason::kAlreadyExists,
                          "the project's id is linked to another collection already");
      }
      const bool known = std::ranges::any_of(
          project->folders, [&](const ProjectFolder& folder) { return folder.at(asked.folder); });
      if (!known) return untrusted_folder({*project, name, asked.folder, false});
      call.reply().set_collection(name);
      return absl::OkStatus();
    }
    if (const auto id = vault.collection_id(asked.name); id && book.of_collection(*id)) {
      return make_error(Reason::kAlreadyExists, "the collection is another project's already");
    }
    const auto linked = book.link(vault, asked.id, asked.name, asked.folder);
    if (!linked.ok()) return linked.status();
    call.reply().set_collection(asked.name);
    call.reply().set_created(true);
    return absl::OkStatus();
  });
}

void ProjectsService::link(Unary<v1::LinkProjectRequest, v1::LinkProjectReply>& call) {
  const v1::LinkProjectRequest& request = call.request();
  const absl::StatusOr<ProjectId> id = project_id_from(request.id());
  if (!id.ok()) return call.fail(id.status());
  absl::StatusOr<ProjectFolder> folder = folder_from(request.folder());
  if (!folder.ok()) return call.fail(folder.status());
  folder->trusted = core_.wall_clock();
  const absl::StatusOr<std::string> name =
      new_collection_name(request.collection().empty() ? request.id() : request.collection());
  if (!name.ok()) return call.fail(name.status());
  if (name->find('/') != std::string::npos) {
    return call.fail(make_error(Reason::kInvalidArgument,
                                "a project's collection has no `/` in its name; that is for its "
                                "profiles"));
  }
  const bool ask = may_ask(request);
  const auto asked = std::make_shared<NewLink>(NewLink{*id, *std::move(folder), *name});
  const Wanted wanted{.collection = *name,
                      .may_ask = ask,
                      .told_later = true,
                      .planned = change_of_link(*asked, Verb::kWrite)};
  const auto apply = [this, &call, asked](Verb verb, const AccessVerdict& verdict) {
    carry_out(core_, call, verdict, change_of_link(*asked, verb),
              [&] { return link_now(*asked, call); });
  };
  authorized(core_, call, wanted, [this, &call, asked, ask, apply](const AccessVerdict& verdict) {
    // What is there, or inherited, is given away by the link.
    bool gives = false;
    const absl::Status found =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          if (core_.access.collections().find(asked->id)) return absl::OkStatus();
          gives = !vault.above(asked->name).empty();
          const auto all = vault.collections();
          if (!all.ok()) return all.status();
          for (const Vault::CollectionInfo& info : *all) {
            if (info.name == asked->name && info.item_count != 0) gives = true;
          }
          return absl::OkStatus();
        });
    if (!found.ok()) return call.fail(found);
    if (!gives) return apply(Verb::kWrite, verdict);
    if (!call.request().consented()) {
      note_denied(core_, call, "not consented", change_of_link(*asked, Verb::kWrite));
      return call.fail(not_consented());
    }
    judged(
        core_, call, Verb::kAdmin,
        Wanted{.may_ask = ask, .told_later = true, .planned = change_of_link(*asked, Verb::kAdmin)},
        [apply](const AccessVerdict& admin) { apply(Verb::kAdmin, admin); });
  });
}

void ProjectsService::resolve(Unary<v1::ResolveProjectRequest, v1::ResolveProjectReply>& call) {
  const bool ask = may_ask(call.request());
  // Asks for nothing but that the vault be open.
  const Wanted open{.unlock_alone = true, .may_ask = ask};
  judged(core_, call, Verb::kList, open, [this, &call, ask] {
    const absl::StatusOr<ProjectPlace> place =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) {
          return place_of(core_.access.collections(), vault, call.request().project());
        });
    if (!place.ok()) return call.fail(place.status());
    call.reply().set_collection(place->collection);
    if (place->trusted) return call.finish(absl::OkStatus());
    call.reply().set_reason(v1::REASON_UNTRUSTED_FOLDER);
    // Where else the user works is another matter. Refused, it is left out.
    const Wanted wanted{.collection = place->collection, .each = true, .may_ask = ask};
    judged(core_, call, Verb::kList, wanted, [&call, place = *place](const AccessVerdict& verdict) {
      const bool refused = !verdict.items.empty() && !verdict.items.front().ok();
      call.reply().set_known_withheld(refused);
      if (!refused) {
        for (const ProjectFolder& folder : place.project.folders) {
          fill(folder, &place.folder, *call.reply().add_known());
        }
      }
      call.finish(absl::OkStatus());
    });
  });
}

void ProjectsService::trust(Unary<v1::TrustFolderRequest, v1::TrustFolderReply>& call) {
  const v1::TrustFolderRequest& request = call.request();
  const absl::StatusOr<ProjectId> id = project_id_from(request.id());
  if (!id.ok()) return call.fail(id.status());
  absl::StatusOr<ProjectFolder> folder = folder_from(request.folder());
  if (!folder.ok()) return call.fail(folder.status());
  folder->trusted = core_.wall_clock();
  const auto change = [this, id = *id, path = folder->path] {
    AdminChange out{{}, "project " + project_id_text(id) + ": give in " + path};
    core_.session
        .with_vault(Use::kPassive,
                    [&](Vault& vault) -> absl::Status {
                      out.subjects = subject_of(core_.access.collections(), vault, id);
                      return absl::OkStatus();
                    })
        .IgnoreError();  // a locked vault refuses the call
    return out;
  };
  if (!request.consented()) {
    note_denied(core_, call, "not consented", change());
    return call.fail(not_consented());
  }
  const auto apply = [this, &call, id = *id, folder = *folder] {
    return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      CollectionBook& book = core_.access.collections();
      const auto moved = book.trust(vault, id, folder);
      if (!moved.ok()) return moved.status();
      call.reply().set_collection(vault.collection_name(book.find(id)->collection));
      if (*moved) call.reply().set_moved_from((*moved)->path);
      return absl::OkStatus();
    });
  };
  const Wanted wanted{.may_ask = may_ask(request), .told_later = true, .planned = change()};
  authorized(core_, call, wanted, [this, &call, change, apply](const AccessVerdict& verdict) {
    carry_out(core_, call, verdict, change(), apply);
  });
}

void ProjectsService::list(StreamCall<v1::ListProjectsRequest, v1::ListProjectsReply>& call) {
  const Wanted wanted{.may_ask = may_ask(call.request())};
  authorized(core_, call, wanted, [this, &call](const AccessVerdict& verdict) {
    const auto found =
        core_.session.with_vault(Use::kPassive, [](Vault& vault) { return vault.collections(); });
    if (!found.ok()) return call.fail(found.status());
    std::vector<v1::Project> all;
    for (const Vault::CollectionInfo& info : *found) {
      const auto project = core_.access.collections().of_collection(info.id);
      if (!project || !core_.access.shows(verdict, info.name)) continue;
      v1::Project& one = all.emplace_back();
      one.set_id(project_id_text(project->id));
      one.set_collection(info.name);
      one.set_item_count(info.item_count);
      one.set_linked_unix_ms(project->linked);
      for (const ProjectFolder& folder : project->folders) {
        fill(folder, nullptr, *one.add_folders());
      }
    }
    // One has at most 64 folders of 3 KiB.
    stream_chunks(core_, call, std::move(all),
                  [](v1::ListProjectsReply& reply) { return reply.mutable_projects(); });
  });
}

void ProjectsService::unlink(Unary<v1::UnlinkFolderRequest, v1::UnlinkFolderReply>& call) {
  const absl::StatusOr<ProjectFolder> folder = folder_from(call.request().folder());
  if (!folder.ok()) return call.fail(folder.status());
  const bool ask = may_ask(call.request());
  with_project(
      call, call.request().id(), ask,
      [this, &call, ask, folder = *folder](const ProjectId& id, const std::string& collection) {
        const AdminChange change = change_of(
            collection, "project " + project_id_text(id) + ": give no more in " + folder.path);
        const auto apply = [this, id, folder] {
          return core_.session.with_vault(Use::kActive, [&](Vault& vault) {
            return core_.access.collections().unlink(vault, id, folder);
          });
        };
        const Wanted wanted{
            .collection = collection, .may_ask = ask, .told_later = true, .planned = change};
        authorized(core_, call, wanted, [this, &call, change, apply](const AccessVerdict& verdict) {
          carry_out(core_, call, verdict, change, apply);
        });
      });
}

void ProjectsService::clear(Unary<v1::ClearProjectRequest, v1::ClearProjectReply>& call) {
  const bool ask = may_ask(call.request());
  with_project(
      call, call.request().id(), ask,
      [this, &call, ask](const ProjectId&, const std::string& collection) {
        const auto apply = [this, &call, collection] {
          const auto deleted = core_.session.with_vault(
              Use::kActive, [&](Vault& vault) { return vault.clear_collection(collection); });
          if (deleted.ok()) {
            call.reply().set_deleted_items(*deleted);
            core_.item_events.overflow_all();
          }
          return deleted.status();
        };
        const AdminChange change = change_of(collection, "delete all its items");
        const Wanted wanted{.collection = collection,
                            .may_ask = ask,
                            .told_later = true,
                            .whole = true,
                            .planned = change};
        authorized(core_, call, wanted, [this, &call, change, apply](const AccessVerdict& verdict) {
          carry_out(core_, call, verdict, change, apply);
        });
      });
}

}  // namespace tacit
