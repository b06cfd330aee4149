#include "daemon/rpc/collections_service.h"

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

std::string bytes_of_id(const CollectionId& id) { return {id.begin(), id.end()}; }

absl::Status check_id(const Vault& vault, const std::string& name, const std::string& expected) {
  const std::optional<CollectionId> id = vault.collection_id(name);
  if (expected.empty() || !id || bytes_of_id(*id) == expected) return absl::OkStatus();
  return make_error(Reason::kVersionMismatch,
                    "the name has gone to another collection meanwhile; list them again");
}

absl::Status needs_credential() {
  return make_error(Reason::kWrongCredential,
                    "the collection has a policy, which goes with it, and the vault's passphrase "
                    "is needed again for that; give it with the call");
}

}  // namespace

CollectionsService::CollectionsService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Collections.Create", 2, true}, this, &CollectionsService::create);
  server.add(service_, {"Collections.Rename", 2, true}, this, &CollectionsService::rename);
  server.add(service_, {"Collections.Delete", 2, true}, this, &CollectionsService::remove);
  server.add(service_, {"Collections.List", 2, true}, this, &CollectionsService::list);
  server.add(service_, {"Collections.Inherit", 2, true}, this, &CollectionsService::inherit);
}

void CollectionsService::create(
    Unary<v1::CreateCollectionRequest, v1::CreateCollectionReply>& call) {
  const absl::StatusOr<std::string> name = new_collection_name(call.request().name());
  if (!name.ok()) return call.fail(name.status());
  const auto apply = [this, &call, name = *name] {
    return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      if (vault.collection_id(name)) {
        return make_error(Reason::kAlreadyExists, "there is a collection of this name already");
      }
      const auto id = core_.access.collections().make(vault, name, core_.wall_clock());
      if (id.ok()) call.reply().set_id(bytes_of_id(*id));
      return id.status();
    });
  };
  const AdminChange change = change_of(*name, "make the collection");
  const Wanted wanted{.collection = *name,
                      .may_ask = may_ask(call.request()),
                      .told_later = true,
                      .planned = change};
  authorized(core_, call, wanted, [this, &call, change, apply](const AccessVerdict& verdict) {
    carry_out(core_, call, verdict, change, apply);
  });
}

void CollectionsService::rename(
    Unary<v1::RenameCollectionRequest, v1::RenameCollectionReply>& call) {
  const absl::StatusOr<std::string> from = collection_name_from(call.request().name());
  if (!from.ok()) return call.fail(from.status());
  const absl::StatusOr<std::string> to = new_collection_name(call.request().new_name());
  if (!to.ok()) return call.fail(to.status());
  const bool ask = may_ask(call.request());
  const auto apply = [this, &call, from = *from, to = *to] {
    return core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      if (absl::Status id = check_id(vault, from, call.request().expected_id()); !id.ok()) {
        return id;
      }
      Grants::Moved moved = core_.access.grants().plan_move(from, to);
      absl::Status renamed = vault.rename_collection(from, to, moved.records);
      if (!renamed.ok() || from == to) return renamed;
      core_.access.grants().moved(std::move(moved));
      core_.item_events.overflow_all();
      return renamed;
    });
  };
  // What the name inherits is given where the collection's items are, and the other way round.
  const auto reads = [this, &call, from = *from, to = *to, ask,
                      apply](const AccessVerdict& verdict) {
    std::vector<std::string> read{from};
    const absl::Status found =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          std::ranges::copy(above_new_name(vault, to), std::back_inserter(read));
          return absl::OkStatus();
        });
    if (!found.ok()) return call.fail(found);
    judged_each(core_, call, Verb::kRead, read, ask, [this, &call, verdict, from, to, apply] {
      carry_out(core_, call, verdict, change_of(from, "rename to " + to), apply);
    });
  };
  const Wanted wanted{.collection = *from,
                      .may_ask = ask,
                      .told_later = true,
                      .whole = true,
                      .planned = change_of(*from, "rename to " + *to)};
  authorized(
      core_, call, wanted, [this, &call, to = *to, ask, reads](const AccessVerdict& verdict) {
        judged_each(core_, call, Verb::kWrite, {to}, ask, [verdict, reads] { reads(verdict); });
      });
}

absl::Status CollectionsService::remove_from(
    Vault& vault, const std::string& name, bool checked,
    Unary<v1::DeleteCollectionRequest, v1::DeleteCollectionReply>& call) {
  if (absl::Status id = check_id(vault, name, call.request().expected_id()); !id.ok()) return id;
  const std::optional<CollectionId> collection = vault.collection_id(name);
  Rules& rules = core_.access.rules();
  std::vector<ItemId> guarded;
  if (collection) {
    if (!checked && rules.own(*collection) != Rule()) return needs_credential();
    for (const Vault::SubjectId& subject : rules.subjects()) {
      if (!vault.collection_name(subject).empty()) continue;
      const absl::StatusOr<ItemName> place = vault.place_of(subject);
      if (reason_of(place.status()) == Reason::kNotFound) continue;
      if (!place.ok()) return place.status();
      if (place->collection == name) guarded.push_back(subject);
    }
  }
  Grants::Moved moved = core_.access.grants().plan_move(name, std::nullopt);
  const absl::StatusOr<std::uint64_t> deleted =
      vault.delete_collection(name, call.request().with_items(), moved.records);
  if (!deleted.ok()) return deleted.status();
  core_.access.grants().moved(std::move(moved));
  core_.access.collections().forget(*collection);
  rules.forget(*collection);
  for (const ItemId& item : guarded) rules.forget(item);
  core_.item_events.overflow_all();
  call.reply().set_deleted_items(*deleted);
  return absl::OkStatus();
}

void CollectionsService::remove(
    Unary<v1::DeleteCollectionRequest, v1::DeleteCollectionReply>& call) {
  const absl::StatusOr<std::string> name = collection_name_from(call.request().name());
  if (!name.ok()) return call.fail(name.status());
  std::shared_ptr<SlotWork> work;
  if (call.request().has_authorization()) {
    absl::StatusOr<Credential> given = credential_from(*call.request().mutable_authorization());
    if (!given.ok()) return call.fail(given.status());
    work = std::make_shared<SlotWork>();
    work->authorization = *std::move(given);
  }
  const auto apply = [this, &call, name = *name](bool checked) {
    return core_.session.with_vault(
        Use::kActive, [&](Vault& vault) { return remove_from(vault, name, checked, call); });
  };
  const AdminChange change =
      change_of(*name, call.request().with_items() ? "delete it with its items" : "delete it");
  const Wanted wanted{.collection = *name,
                      .may_ask = may_ask(call.request()),
                      .told_later = true,
                      .whole = true,
                      .planned = change};
  authorized(core_, call, wanted, [this, &call, work, change, apply](const AccessVerdict& verdict) {
    if (!work) {
      return carry_out(core_, call, verdict, change, [&] { return apply(false); });
    }
    with_credential(
        core_, call, verdict, work, [](SlotWork&) { return absl::OkStatus(); },
        [change](const SlotWork&) { return change; }, [apply](SlotWork&) { return apply(true); });
  });
}

void CollectionsService::list(StreamCall<v1::CollectionsRequest, v1::CollectionsReply>& call) {
  const Wanted wanted{.may_ask = may_ask(call.request())};
  authorized(core_, call, wanted, [this, &call](const AccessVerdict& verdict) {
    auto found =
        core_.session.with_vault(Use::kPassive, [](Vault& vault) { return vault.collections(); });
    if (!found.ok()) return call.fail(found.status());
    std::vector<v1::Collection> all;
    for (const Vault::CollectionInfo& info : *found) {
      if (!core_.access.shows(verdict, info.name)) continue;
      v1::Collection& one = all.emplace_back();
      one.set_id(bytes_of_id(info.id));
      one.set_name(info.name);
      one.set_item_count(info.item_count);
      if (!info.parent.empty() && core_.access.shows(verdict, info.parent)) {
        one.set_parent(info.parent);
        one.set_profile(info.profile);
      }
      const CollectionBook& book = core_.access.collections();
      one.set_kept(book.kept(info.id));
      if (const auto project = book.of_collection(info.id)) {
        one.set_project_id(project_id_text(project->id));
      }
    }
    stream_chunks(core_, call, std::move(all),
                  [](v1::CollectionsReply& reply) { return reply.mutable_collections(); });
  });
}

void CollectionsService::inherit(Unary<v1::InheritRequest, v1::InheritReply>& call) {
  const absl::StatusOr<std::string> name = collection_name_from(call.request().name());
  if (!name.ok()) return call.fail(name.status());
  std::optional<std::string> parent;
  if (call.request().has_parent()) {
    const absl::StatusOr<std::string> given = collection_name_from(call.request().parent());
    if (!given.ok()) return call.fail(given.status());
    parent = *given;
  }
  const bool ask = may_ask(call.request());
  const auto apply = [this, name = *name, parent] {
    return core_.session.with_vault(Use::kActive,
                                    [&](Vault& vault) { return vault.inherit(name, parent); });
  };
  const AdminChange change =
      change_of(*name, parent ? "inherit from " + *parent : "inherit from none but by its name");
  const Wanted wanted{.collection = *name, .may_ask = ask, .told_later = true, .planned = change};
  const auto reads = [this, &call, name = *name, parent, ask, change,
                      apply](const AccessVerdict& verdict) {
    std::vector<std::string> read;
    const absl::Status found =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
          // What the name says comes back when the parent goes.
          read = parent ? vault.above(*parent) : above_new_name(vault, name);
          if (parent) read.push_back(*parent);
          return absl::OkStatus();
        });
    if (!found.ok()) return call.fail(found);
    judged_each(core_, call, Verb::kRead, read, ask, [this, &call, verdict, change, apply] {
      carry_out(core_, call, verdict, change, apply);
    });
  };
  authorized(core_, call, wanted, reads);
}

}  // namespace tacit
