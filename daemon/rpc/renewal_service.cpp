#include "daemon/rpc/renewal_service.h"

#include <utility>
#include <vector>

#include "daemon/rpc/chunks.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/token_recipe.h"

namespace tacit {
namespace {

absl::Status not_a_token() {
  return make_error(Reason::kNotToken,
                    "the item is no token; `tacit token add` makes one under a name of its own");
}

void fill(const StoredToken& from, const TokenState& state, const TokenBook& book, UnixMillis now,
          v1::TokenInfo& to) {
  const ItemMetadata& metadata = from.metadata;
  tacit::fill(metadata.where, *to.mutable_item());
  to.set_version(metadata.version);
  to.set_has_token(from.value.access.size() != 0);
  to.set_obtained_unix_ms(from.value.obtained);
  to.set_expires_unix_ms(metadata.expires);
  to.set_expired(metadata.expires != 0 && metadata.expires <= now);
  to.set_renewal_due(renewal_due(book, from, now));
  to.set_in_doubt(state.in_doubt == metadata.version);
  const bool refreshes =
      from.value.refresh.size() != 0 && !to.in_doubt() && state.refused != metadata.version;
  to.set_renewable(refreshes || !to.recipe().subject_token_file().empty());
  to.set_last_error(state.error);
  to.set_last_error_unix_ms(state.error_time);
}

}  // namespace

absl::StatusOr<StoredToken> stored_token(Vault& vault, const ItemName& where) {
  absl::StatusOr<Item> item = vault.get(where);
  if (!item.ok()) return item.status();
  if (!is_token(item->metadata)) return not_a_token();
  absl::StatusOr<TokenValue> value = decode_token(item->value);
  if (!value.ok()) return value.status();
  return StoredToken{std::move(item->metadata), *std::move(value)};
}

absl::Status refuse_token(const TokenBook& book, Vault& vault, const ItemName& where,
                          std::uint64_t version) {
  if (book.empty()) return absl::OkStatus();  // no write pays for tokens that are not there
  const auto ids = vault.find(where);
  if (!ids.ok()) return ids.status();
  if (!*ids || book.find((*ids)->item) == nullptr) return absl::OkStatus();
  // A deleted item still has versions that could be brought back.
  const auto versions = vault.history(where);
  if (!versions.ok()) return versions.status();
  for (const ItemMetadata& each : *versions) {
    const bool newest = &each == &versions->front();
    if (is_token(each) && ((newest && !each.deleted) || each.version == version)) {
      return make_error(Reason::kIsToken,
                        "the item is a token, or was one in that version: `tacit token login` gets "
                        "it anew, `tacit token remove` makes its name free");
    }
  }
  return absl::OkStatus();
}

bool renewal_due(const TokenBook& book, const StoredToken& token, UnixMillis now) {
  const TokenValue& value = token.value;
  const std::uint64_t version = token.metadata.version;
  if (value.due == 0 || now < value.due || book.good(token.metadata.id, now)) return false;
  const TokenState* state = book.find(token.metadata.id);
  const bool usable = state == nullptr || (state->in_doubt != version && state->refused != version);
  return value.unattended || (value.refresh.size() != 0 && usable);
}

RenewalService::RenewalService(Core& core, Server& server, BootClock& clock)
    : core_(core),
      renewals_(
          {[this](const ItemId& item, const RenewalWish& wish) { return consider(item, wish); },
           &clock}) {
  server.add_service(service_);
  server.add(service_, {"Renewal.Create", 2, true}, this, &RenewalService::create);
  server.add(service_, {"Renewal.List", 2, true}, this, &RenewalService::list);
  server.add(service_, {"Renewal.Begin", 8, true}, this, &RenewalService::begin);
  server.add(service_, {"Renewal.Sending", 2, true}, this, &RenewalService::sending);
  server.add(service_, {"Renewal.ShowLogin", 2, true}, this, &RenewalService::show_login);
  server.add(service_, {"Renewal.Commit", 2, true}, this, &RenewalService::commit);
  server.add(service_, {"Renewal.Fail", 2, true}, this, &RenewalService::fail);
}

void RenewalService::end_all(const absl::Status& why) {
  for (const Holder& one : std::exchange(holders_, {})) {
    if (one.waiting != 0) core_.prompts.give_up(one.waiting);
  }
  renewals_.end_all(why);
}

void RenewalService::create(Unary<v1::CreateTokenRequest, v1::CreateTokenReply>& call) {
  const v1::CreateTokenRequest& request = call.request();
  const absl::StatusOr<ItemName> where = item_name_from(request.item());
  if (!where.ok()) return call.fail(where.status());
  if (absl::Status good = check_recipe(request.recipe()); !good.ok()) return call.fail(good);
  const auto attributes = attributes_from(request.attributes().attributes());
  if (!attributes.ok()) return call.fail(attributes.status());
  const auto apply = [this, &call, where = *where, attributes = *attributes] {
    const v1::TokenRecipe& recipe = call.request().recipe();
    const absl::Status done =
        core_.session.with_vault(Use::kActive, [&](Vault& vault) -> absl::Status {
          const absl::StatusOr<ItemMetadata> there = vault.describe(where);
          if (!there.ok() && reason_of(there.status()) != Reason::kNotFound) return there.status();
          if (there.ok() && !call.request().replace()) {
            return make_error(Reason::kAlreadyExists,
                              "there is an item of this name already; `--replace` gives a token "
                              "another recipe");
          }
          if (there.ok() && !is_token(*there)) return not_a_token();
          if (absl::Status tidied = core_.tokens.tidy(vault); !tidied.ok()) return tidied;
          TokenValue token;
          token.recipe = stored_recipe(recipe);
          token.unattended = renews_unattended(recipe);
          ItemChange change;
          change.value = encode_token(token);
          change.attributes = attributes;
          change.content_type = std::string(kTokenType);
          const absl::StatusOr<ItemMetadata> stored = vault.set(where, std::move(change));
          if (!stored.ok()) return stored.status();
          call.reply().set_version(stored->version);
          return core_.tokens.set(vault, stored->id, {});
        });
    call.finish(done);
  };
  authorized(core_, call, {&*where, 1}, may_ask(request), apply);
}

void RenewalService::list(StreamCall<v1::ListTokensRequest, v1::ListTokensReply>& call) {
  const v1::ListTokensRequest& request = call.request();
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!collection.ok()) return call.fail(collection.status());
  const Wanted wanted{.collection = *collection, .filtered = true, .may_ask = may_ask(request)};
  authorized(core_, call, wanted,
             [this, &call, collection = *collection](const AccessVerdict& verdict) {
               std::vector<v1::TokenInfo> all;
               const absl::Status read =
                   core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
                     for (const ItemId& id : core_.tokens.items()) {
                       const absl::StatusOr<ItemName> place = vault.place_of(id);
                       if (reason_of(place.status()) == Reason::kNotFound) continue;
                       if (!place.ok()) return place.status();
                       if (collection && place->collection != *collection) continue;
                       const absl::StatusOr<StoredToken> token = stored_token(vault, *place);
                       const Reason reason = reason_of(token.status());
                       if (reason == Reason::kNotFound || reason == Reason::kNotToken) continue;
                       if (!token.ok()) return token.status();
                       if (!core_.access.shows(verdict, token->metadata)) continue;
                       absl::StatusOr<v1::TokenRecipe> recipe = recipe_of(token->value);
                       if (!recipe.ok()) return recipe.status();
                       v1::TokenInfo& info = all.emplace_back();
                       *info.mutable_recipe() = *std::move(recipe);
                       fill(*token, *core_.tokens.find(id), core_.tokens, core_.wall_clock(), info);
                     }
                     return absl::OkStatus();
                   });
               if (!read.ok()) return call.fail(read);
               stream_chunks(core_, call, std::move(all),
                             [](v1::ListTokensReply& reply) { return reply.mutable_tokens(); });
             });
}

}  // namespace tacit
