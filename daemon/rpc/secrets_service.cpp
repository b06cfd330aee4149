#include "daemon/rpc/secrets_service.h"

#include <array>
#include <optional>
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/renewal_service.h"

namespace tacit {
namespace {

template <class Request>
std::optional<std::uint64_t> expected_version(const Request& request) {
  if (!request.has_expected_version()) return std::nullopt;
  return request.expected_version();
}

}  // namespace

SecretsService::SecretsService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Secrets.Get", 64, true}, this, &SecretsService::get);
  server.add(service_, {"Secrets.GetOrAsk", 4, true}, this, &SecretsService::get_or_ask);
  server.add(service_, {"Secrets.Describe", 8, true}, this, &SecretsService::describe);
  server.add(service_, {"Secrets.Set", 16, true}, this, &SecretsService::set);
  server.add(service_, {"Secrets.Delete", 4, true}, this, &SecretsService::remove);
  server.add(service_, {"Secrets.Apply", 4, true}, this, &SecretsService::apply);
  server.add(service_, {"Secrets.Rename", 4, true}, this, &SecretsService::rename);
  server.add(service_, {"Secrets.Restore", 4, true}, this, &SecretsService::restore);
  server.add(service_, {"Secrets.GetBatch", 8, true}, this, &SecretsService::get_batch);
  server.add(service_, {"Secrets.List", 4, true}, this, &SecretsService::list);
  server.add(service_, {"Secrets.Search", 4, true}, this, &SecretsService::search);
  server.add(service_, {"Secrets.ListCollections", 4, true}, this,
             &SecretsService::list_collections);
  server.add(service_, {"Secrets.History", 4, true}, this, &SecretsService::history);
  server.add(service_, {"Secrets.Watch", 4, true}, this, &SecretsService::watch);
}

void SecretsService::tell(const ItemMetadata& item, bool names_only, v1::Metadata& to) const {
  fill(item, names_only, to);
  if (!names_only) to.set_policy(static_cast<v1::Policy>(core_.access.read_policy(item)));
}

absl::StatusOr<bool> SecretsService::fetch(const AccessVerdict& verdict, std::string_view method,
                                           const ItemName& where, std::uint64_t version,
                                           v1::GetReply& reply) {
  absl::StatusOr<Item> item =
      core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::StatusOr<Item> {
        if (version != 0) return vault.get(where, version);
        const absl::StatusOr<ItemName> place = vault.inherited(where);
        if (!place.ok()) return place.status();
        return vault.get(*place, version);
      });
  if (!item.ok()) return item.status();
  const ItemName& place = item->metadata.where;
  const UnixMillis expires = item->metadata.expires;
  const bool expired = expires != 0 && expires <= core_.wall_clock();
  if (is_token(item->metadata)) {
    absl::Status served = serve_token(*item, expired, version == 0, reply);
    if (!served.ok()) return served;
  } else if (expired) {
    return make_error(Reason::kExpired,
                      "the item has expired; store a new value, or change its expiry");
  } else {
    reply.set_value(field_of(item->value));
    tell(item->metadata, false, *reply.mutable_metadata());
  }
  reply.mutable_metadata()->set_inherited(place.collection != where.collection);
  if (!core_.access.decoy(item->metadata)) return false;
  core_.access.decoy_was_read(verdict.asker, method, place);
  return true;
}

absl::Status SecretsService::serve_token(Item& item, bool expired, bool newest,
                                         v1::GetReply& reply) {
  absl::StatusOr<TokenValue> value = decode_token(item.value);
  if (!value.ok()) return value.status();
  const StoredToken token{std::move(item.metadata), *std::move(value)};
  if (expired || token.value.obtained == 0) {
    if (!newest) return make_error(Reason::kExpired, "this version of the token has run out");
    return make_error(Reason::kRenewalNeeded,
                      expired ? "the token has run out; `tacit token get` gets it anew"
                              : "no token was got yet; log in with `tacit token login`");
  }
  reply.set_value(field_of(token.value.access));
  reply.set_renewal_due(newest && renewal_due(core_.tokens, token, core_.wall_clock()));
  tell(token.metadata, false, *reply.mutable_metadata());
  reply.mutable_metadata()->set_value_size(token.value.access.size());
  item.metadata = token.metadata;
  return absl::OkStatus();
}

absl::Status SecretsService::read(const AccessVerdict& verdict, std::string_view method,
                                  const ItemName& where, std::uint64_t version,
                                  v1::GetReply& reply) {
  const absl::StatusOr<bool> decoy = fetch(verdict, method, where, version, reply);
  // The reply is not affected by the lock: whoever reads a decoy sees nothing of it.
  if (decoy.ok() && *decoy) core_.session.lock(std::string(kDecoyLocks));
  return decoy.status();
}

void SecretsService::get(Unary<v1::GetRequest, v1::GetReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  const std::uint64_t version = call.request().version();
  const Wanted wanted{.items = {&*where, 1},
                      .versions = {&version, 1},
                      .may_ask = may_ask(call.request()),
                      .inherits = true};
  authorized(core_, call, wanted, [this, &call, where, version](const AccessVerdict& verdict) {
    call.finish(read(verdict, call.name(), *where, version, call.reply()));
  });
}

void SecretsService::describe(Unary<v1::DescribeRequest, v1::DescribeReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  const std::uint64_t version = call.request().version();
  const Wanted wanted{.items = {&*where, 1},
                      .versions = {&version, 1},
                      .may_ask = may_ask(call.request()),
                      .inherits = true};
  authorized(core_, call, wanted, [this, &call, where, version] {
    const absl::StatusOr<ItemMetadata> metadata =
        core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::StatusOr<ItemMetadata> {
          if (version != 0) return vault.describe(*where, version);
          const absl::StatusOr<ItemName> place = vault.inherited(*where);
          if (!place.ok()) return place.status();
          return vault.describe(*place);
        });
    if (metadata.ok()) {
      v1::Metadata& told = *call.reply().mutable_metadata();
      tell(*metadata, false, told);
      told.set_inherited(metadata->where.collection != where->collection);
    }
    call.finish(metadata.status());
  });
}

void SecretsService::set(Unary<v1::SetRequest, v1::SetReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  absl::StatusOr<ItemChange> parsed = change_from(call.request());
  if (!parsed.ok()) return call.fail(parsed.status());
  auto change = std::make_shared<ItemChange>(*std::move(parsed));
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where, change] {
    const absl::StatusOr<ItemMetadata> stored =
        core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::StatusOr<ItemMetadata> {
          if (absl::Status may = refuse_token(core_.tokens, vault, *where); !may.ok()) return may;
          return vault.set(*where, std::move(*change));
        });
    if (stored.ok()) call.reply().set_version(stored->version);
    call.finish(stored.status());
  });
}

void SecretsService::remove(Unary<v1::DeleteRequest, v1::DeleteReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    call.finish(core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      const bool purge = call.request().purge();
      const auto ids = vault.find(*where);
      if (!ids.ok()) return ids.status();
      absl::Status removed = vault.remove(*where, purge, expected_version(call.request()));
      if (removed.ok() && purge && *ids) core_.access.rules().forget((*ids)->item);
      return removed;
    }));
  });
}

void SecretsService::rename(Unary<v1::RenameRequest, v1::RenameReply>& call) {
  const absl::StatusOr<ItemName> from = item_name_from(call.request().item());
  if (!from.ok()) return call.fail(from.status());
  const absl::StatusOr<ItemName> to = item_name_from(call.request().new_item());
  if (!to.ok()) return call.fail(to.status());
  const std::array<ItemName, 2> both{*from, *to};
  authorized(core_, call, both, may_ask(call.request()), [this, &call, both] {
    call.finish(core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
      Rules& rules = core_.access.rules();
      const auto replaced = vault.find(both[1]);
      if (!replaced.ok()) return replaced.status();
      const auto raised = rules.for_move(vault, both[0], both[1]);
      if (!raised.ok()) return raised.status();
      absl::Status renamed = vault.rename(both[0], both[1], call.request().replace(),
                                          expected_version(call.request()), records_of(*raised));
      if (!renamed.ok()) return renamed;
      const bool itself = both[0].collection == both[1].collection && both[0].name == both[1].name;
      if (*replaced && !itself) rules.forget((*replaced)->item);
      rules.changed(*raised);
      return renamed;
    }));
  });
}

void SecretsService::restore(Unary<v1::RestoreRequest, v1::RestoreReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    const absl::StatusOr<ItemMetadata> stored =
        core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::StatusOr<ItemMetadata> {
          Rules& rules = core_.access.rules();
          const std::uint64_t version = call.request().version();
          absl::Status may = refuse_token(core_.tokens, vault, *where, version);
          if (!may.ok()) return may;
          const auto raised = rules.for_restore(vault, *where, version);
          if (!raised.ok()) return raised.status();
          auto restored =
              vault.restore(*where, version, expected_version(call.request()), records_of(*raised));
          if (restored.ok()) rules.changed(*raised);
          return restored;
        });
    if (stored.ok()) call.reply().set_version(stored->version);
    call.finish(stored.status());
  });
}

}  // namespace tacit
