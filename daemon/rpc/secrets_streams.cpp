// The RPCs of Secrets that answer with streams.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/secrets_service.h"
#include "daemon/rpc/slices.h"

namespace tacit {
namespace {

constexpr int kMaxWatchedNames = 1000;

/// What a walk still has to send.
struct Walk {
  Vault::Cursor cursor;
  std::vector<ItemMetadata> rows;
  std::size_t next = 0;  ///< row to send
  // Of a list with what is inherited: the collection asked for, then those above it.
  std::vector<std::string> places;
  std::size_t place = 0;
};

/// The next rows of a walk over `walk.places`, without what a nearer collection has.
absl::StatusOr<std::vector<ItemMetadata>> rows_of_places(Vault& vault, Walk& walk,
                                                         bool names_only) {
  auto rows = vault.list(walk.places[walk.place], names_only, walk.cursor, kRowsAtOnce);
  if (!rows.ok()) return rows.status();
  std::vector<ItemMetadata> nearest;
  for (ItemMetadata& row : *rows) {
    const auto place = vault.inherited({walk.places.front(), row.where.name});
    if (!place.ok()) return place.status();
    if (place->collection == row.where.collection) nearest.push_back(std::move(row));
  }
  if (walk.cursor.done && walk.place + 1 < walk.places.size()) {
    ++walk.place;
    walk.cursor = {};
  }
  return nearest;
}

/// Sends what `fetch(vault, cursor)` gives until the cursor is done: a message is full at
/// Limits::chunk_bytes or when its slice of time is over.
template <class Fetch>
absl::StatusOr<Step> walk_on(Core& core, const AccessVerdict& verdict, Walk& walk, bool names_only,
                             Fetch fetch, v1::ListReply& reply) {
  const Slice slice(core.limits);
  std::vector<ItemMetadata> batch;
  std::size_t bytes = 0;
  for (bool looked = false; bytes < core.limits.chunk_bytes && !(looked && slice.over());) {
    if (walk.next == walk.rows.size()) {
      if (walk.cursor.done) break;
      auto rows = core.session.with_vault(Use::kPassive,
                                          [&](Vault& vault) { return fetch(vault, walk.cursor); });
      if (!rows.ok()) return rows.status();
      walk.rows = *std::move(rows);
      walk.next = 0;
      looked = true;
      continue;
    }
    ItemMetadata& row = walk.rows[walk.next++];
    if (!core.access.shows(verdict, row)) continue;
    bytes += row.where.collection.size() + row.where.name.size() + 64;
    for (const auto& [key, value] : row.attributes) bytes += key.size() + value.size() + 8;
    batch.push_back(std::move(row));
  }
  const bool at_end = walk.cursor.done && walk.next == walk.rows.size();
  if (batch.empty()) return at_end ? Step::kEnd : Step::kAgain;
  std::ranges::sort(batch, {}, [](const ItemMetadata& row) {
    return std::tie(row.where.collection, row.where.name);
  });
  for (ItemMetadata& row : batch) {
    row.policy = core.access.read_policy(row);
    fill(row, names_only, *reply.add_items());
    if (!walk.places.empty() && row.where.collection != walk.places.front()) {
      reply.mutable_items(reply.items_size() - 1)->set_inherited(true);
    }
  }
  return Step::kSend;
}

}  // namespace

void SecretsService::list(Stream<v1::ListRequest, v1::ListReply>& call) {
  const v1::ListRequest& request = call.request();
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!collection.ok()) return call.fail(collection.status());
  if (request.with_inherited() && !*collection) {
    return call.fail(invalid("a list with what is inherited is of one collection; name it"));
  }
  const Wanted wanted{.collection = *collection, .filtered = true, .may_ask = may_ask(request)};
  authorized(core_, call, wanted,
             [this, &call, collection = *collection](const AccessVerdict& verdict) {
               Walk walk;
               if (call.request().with_inherited()) {
                 const absl::Status found =
                     core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
                       walk.places = vault.above(*collection);
                       walk.places.insert(walk.places.begin(), *collection);
                       return absl::OkStatus();
                     });
                 if (!found.ok()) return call.fail(found);
               }
               call.stream([this, verdict, collection, names_only = call.request().names_only(),
                            walk = std::move(walk)](v1::ListReply& reply) mutable {
                 return walk_on(
                     core_, verdict, walk, names_only,
                     [&](Vault& vault, Vault::Cursor& cursor) {
                       if (!walk.places.empty()) return rows_of_places(vault, walk, names_only);
                       return vault.list(collection, names_only, cursor, kRowsAtOnce);
                     },
                     reply);
               });
             });
}

void SecretsService::search(Stream<v1::SearchRequest, v1::ListReply>& call) {
  const v1::SearchRequest& request = call.request();
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!collection.ok()) return call.fail(collection.status());
  const absl::StatusOr<Attributes> attributes = attributes_from(request.attributes());
  if (!attributes.ok()) return call.fail(attributes.status());
  if (attributes->empty()) return call.fail(invalid("a search needs at least one attribute"));
  const Wanted wanted{.collection = *collection, .filtered = true, .may_ask = may_ask(request)};
  authorized(core_, call, wanted,
             [this, &call, collection = *collection,
              attributes = *attributes](const AccessVerdict& verdict) {
               call.stream([this, verdict, collection, attributes,
                            walk = Walk()](v1::ListReply& reply) mutable {
                 return walk_on(
                     core_, verdict, walk, false,
                     [&](Vault& vault, Vault::Cursor& cursor) {
                       return vault.search(attributes, collection, cursor, kRowsAtOnce);
                     },
                     reply);
               });
             });
}

void SecretsService::list_collections(
    Stream<v1::ListCollectionsRequest, v1::ListCollectionsReply>& call) {
  const Wanted wanted{.may_ask = may_ask(call.request())};
  authorized(core_, call, wanted, [this, &call](const AccessVerdict& verdict) {
    auto found =
        core_.session.with_vault(Use::kPassive, [](Vault& vault) { return vault.collections(); });
    if (!found.ok()) return call.fail(found.status());
    std::erase_if(*found, [&](const Vault::CollectionInfo& info) {
      return info.item_count == 0 || !core_.access.shows(verdict, info.name);
    });
    std::ranges::sort(*found, {}, &Vault::CollectionInfo::name);
    call.stream([this, all = *std::move(found), next = std::size_t{0}](
                    v1::ListCollectionsReply& reply) mutable -> absl::StatusOr<Step> {
      if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
        return gate.status();
      }
      if (next == all.size()) return Step::kEnd;
      for (std::size_t bytes = 0; next < all.size() && bytes < core_.limits.chunk_bytes; ++next) {
        v1::CollectionInfo& info = *reply.add_collections();
        info.set_name(all[next].name);
        info.set_item_count(all[next].item_count);
        bytes += all[next].name.size() + 16;
      }
      return Step::kSend;
    });
  });
}

void SecretsService::history(Stream<v1::HistoryRequest, v1::HistoryReply>& call) {
  const absl::StatusOr<ItemName> where = item_name_from(call.request().item());
  if (!where.ok()) return call.fail(where.status());
  authorized(core_, call, {&*where, 1}, may_ask(call.request()), [this, &call, where] {
    auto found = core_.session.with_vault(Use::kPassive,
                                          [&](Vault& vault) { return vault.history(*where); });
    if (!found.ok()) return call.fail(found.status());
    call.stream([this, all = *std::move(found),
                 next = std::size_t{0}](v1::HistoryReply& reply) mutable -> absl::StatusOr<Step> {
      if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
        return gate.status();
      }
      if (next == all.size()) return Step::kEnd;
      for (std::size_t bytes = 0; next < all.size() && bytes < core_.limits.chunk_bytes; ++next) {
        v1::Metadata& version = *reply.add_versions();
        tell(all[next], false, version);
        bytes += version.ByteSizeLong();
      }
      return Step::kSend;
    });
  });
}

void SecretsService::watch(Stream<v1::WatchRequest, v1::WatchReply>& call) {
  const v1::WatchRequest& request = call.request();
  const auto collection = collection_from(request.has_collection(), request.collection());
  if (!collection.ok()) return call.fail(collection.status());
  if (request.names_size() > kMaxWatchedNames) {
    return call.fail(invalid("at most 1,000 names can be watched; leave them out for all"));
  }
  std::set<std::string> names(request.names().begin(), request.names().end());
  std::vector<ItemName> items;
  for (const std::string& name : names) {
    v1::ItemRef ref;
    ref.set_name(name);
    if (*collection) ref.set_collection(**collection);
    absl::StatusOr<ItemName> item = item_name_from(ref);
    if (!item.ok()) return call.fail(item.status());
    items.push_back(*std::move(item));
  }
  const Wanted wanted{
      .items = items, .collection = *collection, .filtered = true, .may_ask = may_ask(request)};
  authorized(
      core_, call, wanted,
      [this, &call, collection = *collection, names](const AccessVerdict& verdict) {
        if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
          return call.fail(gate.status());
        }
        if (core_.item_events.size() >= core_.limits.watches) {
          return call.fail(make_error(Reason::kLimit, "too many programs watch for changes"));
        }
        auto inbox = core_.item_events.join(
            [this, verdict, collection, names](const ItemEvent& event) {
              const ItemName& where = event.metadata.where;
              return (!collection || where.collection == *collection) &&
                     (names.empty() || names.contains(where.name)) &&
                     core_.access.shows(verdict, event.metadata);
            },
            [&call] { call.wake(); });
        call.stream([inbox, ready = false](v1::WatchReply& reply) mutable -> absl::StatusOr<Step> {
          if (inbox->ended) {
            return make_error(Reason::kLocked, "the vault was locked; the watch is over");
          }
          if (!std::exchange(ready, true)) {
            reply.set_kind(v1::CHANGE_KIND_READY);
            return Step::kSend;
          }
          if (std::exchange(inbox->overflowed, false)) {
            reply.set_kind(v1::CHANGE_KIND_OVERFLOW);
            return Step::kSend;
          }
          if (inbox->events.empty()) return Step::kWait;
          const ItemEvent event = std::move(inbox->events.front());
          inbox->events.pop_front();
          reply.set_kind(event.deleted ? v1::CHANGE_KIND_DELETED : v1::CHANGE_KIND_SET);
          fill(event.metadata.where, *reply.mutable_item());
          if (!event.deleted) reply.set_version(event.metadata.version);
          return Step::kSend;
        });
      });
}

}  // namespace tacit
