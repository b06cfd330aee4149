#include "daemon/rpc/secrets_service.h"

#include <array>
#include <optional>
#include <utility>

#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

template <class Request>
std::optional<std::uint64_t> expected_version(const Request& request) {
  if (!request.has_expected_version()) return std::nullopt;
  return request.expected_version();
}

template <class Request>
bool may_ask(const Request& request) {
  return request.interaction() == v1::INTERACTION_ALLOW;
}

}  // namespace

SecretsService::SecretsService(Core& core, Server& server) : core_(core) {
  server.add_service(service_);
  server.add(service_, {"Secrets.Get", 64, false}, this, &SecretsService::get);
  server.add(service_, {"Secrets.Describe", 8, false}, this, &SecretsService::describe);
  server.add(service_, {"Secrets.Set", 16, false}, this, &SecretsService::set);
  server.add(service_, {"Secrets.Delete", 4, false}, this, &SecretsService::remove);
  server.add(service_, {"Secrets.Rename", 4, false}, this, &SecretsService::rename);
  server.add(service_, {"Secrets.Restore", 4, false}, this, &SecretsService::restore);
  server.add(service_, {"Secrets.GetBatch", 8, false}, this, &SecretsService::get_batch);
  server.add(service_, {"Secrets.List", 4, false}, this, &SecretsService::list);
  server.add(service_, {"Secrets.Search", 4, false}, this, &SecretsService::search);
  server.add(service_, {"Secrets.ListCollections", 4, false}, this,
             &SecretsService::list_collections);
  server.add(service_, {"Secrets.History", 4, false}, this, &SecretsService::history);
  server.add(service_, {"Secrets.Watch", 4, true}, this, &SecretsService::watch);
}

absl::Status SecretsService::read(const ItemName& where, std::uint64_t version,
                                  v1::GetReply& reply) {
  absl::StatusOr<Item> item = core_.session.with_vault(
      Use::kActive, [&](Vault& vault) { return vault.get(where, version); });
  if (!item.ok()) return item.status();
  const UnixMillis expires = item->metadata.expires;
  if (expires != 0 && expires <= core_.wall_clock()) {
    return make_error(Reason::kExpired,
                      "the item has expired; store a new value, or change its expiry");
  }
  reply.set_value(field_of(item->value));
  fill(item->metadata, false, *reply.mutable_metadata());
  return absl::OkStatus();
}

void SecretsService::get(Unary<v1::GetRequest, v1::GetReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    call.finish(read(*where, call.request().version(), call.reply()));
  });
}

void SecretsService::describe(Unary<v1::DescribeRequest, v1::DescribeReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    const absl::StatusOr<ItemMetadata> metadata = core_.session.with_vault(
        Use::kPassive,
        [&](Vault& vault) { return vault.describe(*where, call.request().version()); });
    if (metadata.ok()) fill(*metadata, false, *call.reply().mutable_metadata());
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
    const absl::StatusOr<ItemMetadata> stored = core_.session.with_vault(
        Use::kActive, [&](Vault& vault) { return vault.set(*where, std::move(*change)); });
    if (stored.ok()) call.reply().set_version(stored->version);
    call.finish(stored.status());
  });
}

void SecretsService::remove(Unary<v1::DeleteRequest, v1::DeleteReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    call.finish(core_.session.with_vault(Use::kActive, [&](Vault& vault) {
      return vault.remove(*where, call.request().purge(), expected_version(call.request()));
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
    call.finish(core_.session.with_vault(Use::kActive, [&](Vault& vault) {
      return vault.rename(both[0], both[1], call.request().replace(),
                          expected_version(call.request()));
    }));
  });
}

void SecretsService::restore(Unary<v1::RestoreRequest, v1::RestoreReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    const absl::StatusOr<ItemMetadata> stored =
        core_.session.with_vault(Use::kActive, [&](Vault& vault) {
          return vault.restore(*where, call.request().version(), expected_version(call.request()));
        });
    if (stored.ok()) call.reply().set_version(stored->version);
    call.finish(stored.status());
  });
}

}  // namespace tacit
