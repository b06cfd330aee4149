// Secrets.GetBatch: many values in one round trip, by name or everything there is, each with a
// verdict of its own.
#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <utility>

#include "daemon/rpc/collection_names.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/project_places.h"
#include "daemon/rpc/secrets_service.h"
#include "daemon/rpc/slices.h"

namespace tacit {
namespace {

constexpr int kMaxBatch = 1000;
/// What is read ahead of the lock that a decoy brings, so that nothing tells which item it was.
constexpr std::size_t kAheadBytes = std::size_t{1} << 20;

/// Names of what is in a collection and what it inherits, each once, in order.
absl::StatusOr<std::vector<ItemName>> everything_in(Vault& vault, const std::string& collection) {
  if (!vault.collection_id(collection)) {
    return make_error(Reason::kNotFound,
                      "no such collection; `tacit collection list` shows what is there");
  }
  std::vector<std::string> places{collection};
  std::ranges::copy(vault.above(collection), std::back_inserter(places));
  std::set<std::string> names;
  for (const std::string& place : places) {
    Vault::Cursor cursor;
    while (!cursor.done) {
      auto rows = vault.list(place, true, cursor, kRowsAtOnce);
      if (!rows.ok()) return rows.status();
      for (ItemMetadata& row : *rows) names.insert(std::move(row.where.name));
      if (names.size() > kMaxBatch) {
        return make_error(Reason::kLimit,
                          "the collection has more than 1,000 items; name those that are needed");
      }
    }
  }
  std::vector<ItemName> out;
  for (const std::string& name : names) out.push_back({collection, name});
  return out;
}

}  // namespace

struct SecretsService::Batch {
  struct One {
    absl::StatusOr<ItemName> where;
    std::uint64_t version = 0;
    absl::Status refused;
  };
  std::vector<One> items;
  std::optional<std::string> all_of;  ///< everything in it was asked for, no item by its name
  std::size_t next = 0;
  AccessVerdict verdict;
  // From a decoy on.
  std::deque<v1::GetBatchReply> ahead;
  std::shared_ptr<void> held;  ///< the share of `ahead` in what the lock waits for
};

void SecretsService::get_batch(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call) {
  const v1::GetBatchRequest& request = call.request();
  const bool named = request.items_size() != 0;
  if (request.has_all_of_collection() && (named || request.has_project())) {
    return call.fail(invalid("everything in a collection is asked for without items or a project"));
  }
  const bool everything = request.has_all_of_collection() || (request.has_project() && !named);
  if (!everything && (!named || request.items_size() > kMaxBatch)) {
    return call.fail(invalid("a batch has 1 to 1,000 items, this one has " +
                             std::to_string(request.items_size())));
  }
  if (everything || request.has_project()) {
    // Which items these are is in the vault.
    return when_open(core_, call, may_ask(request), [this, &call] { batch_in_place(call); });
  }
  auto batch = std::make_shared<Batch>();
  for (const v1::GetRequest& item : request.items()) {
    batch->items.push_back({item_name_from(item.item()), item.version(), absl::OkStatus()});
  }
  serve_batch(call, std::move(batch));
}

void SecretsService::batch_in_place(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call) {
  const v1::GetBatchRequest& request = call.request();
  auto batch = std::make_shared<Batch>();
  const absl::Status planned =
      core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
        std::string collection;
        if (request.has_project()) {
          absl::StatusOr<ProjectPlace> place =
              place_of(core_.access.collections(), vault, request.project());
          if (!place.ok()) return place.status();
          if (!place->trusted) return untrusted_folder(*place);
          collection = std::move(place->collection);
        } else {
          const auto checked = collection_from(true, request.all_of_collection());
          if (!checked.ok()) return checked.status();
          collection = **checked;
        }
        if (request.items_size() != 0) {
          for (v1::GetRequest item : request.items()) {
            if (item.item().collection().empty()) {
              item.mutable_item()->set_collection(collection);
            }
            batch->items.push_back({item_name_from(item.item()), item.version(), absl::OkStatus()});
          }
          return absl::OkStatus();
        }
        absl::StatusOr<std::vector<ItemName>> names = everything_in(vault, collection);
        if (!names.ok()) return names.status();
        for (ItemName& name : *names)
          batch->items.push_back({std::move(name), 0, absl::OkStatus()});
        batch->all_of = collection;
        return absl::OkStatus();
      });
  if (reason_of(planned) == Reason::kUntrustedFolder) {
    note_denied(core_, call, "untrusted folder");
  }
  if (!planned.ok()) return call.fail(planned);
  serve_batch(call, std::move(batch));
}

absl::Status SecretsService::leave_out_hidden(const AccessVerdict& verdict, Batch& batch) {
  return core_.session.with_vault(Use::kPassive, [&](Vault& vault) -> absl::Status {
    absl::Status first;
    absl::Status unasked;
    std::vector<Batch::One> told;
    std::size_t readable = 0;
    for (Batch::One& item : batch.items) {
      if (item.refused.ok()) {
        ++readable;
        told.push_back(std::move(item));
        continue;
      }
      if (first.ok()) first = item.refused;
      const absl::StatusOr<ItemName> place = vault.inherited(*item.where);
      if (!place.ok()) return place.status();
      const auto ids = vault.find(*place);
      if (!ids.ok()) return ids.status();
      if (!*ids) continue;
      ItemMetadata row;
      row.id = (*ids)->item;
      row.collection_id = (*ids)->collection;
      row.where = *place;
      if (core_.access.shows(verdict, row)) {
        told.push_back(std::move(item));
      } else if (reason_of(item.refused) == Reason::kNoPrompter && unasked.ok()) {
        unasked = item.refused;
      }
    }
    // To leave out what a question would have given would look like all there is.
    if (!unasked.ok()) return unasked;
    if (readable == 0 && !first.ok()) return first;
    batch.items = std::move(told);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> SecretsService::answer_next(std::string_view method, Batch& batch,
                                                 v1::GetBatchReply& reply) {
  const Batch::One& item = batch.items[batch.next];
  reply.set_index(static_cast<std::uint32_t>(batch.next++));
  absl::Status status = item.where.status();
  if (status.ok()) status = item.refused;
  if (status.ok()) {
    status = core_.access.still(batch.verdict, *item.where, item.version, true);
  }
  if (status.ok()) {
    const absl::StatusOr<bool> decoy =
        fetch(batch.verdict, method, *item.where, item.version, *reply.mutable_item());
    if (decoy.ok()) return decoy;
    status = decoy.status();
  }
  if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) return gate.status();
  reply.clear_item();
  reply.set_status_code(static_cast<std::uint32_t>(status.code()));
  reply.set_reason(to_proto(reason_of(status)));
  reply.set_message(std::string(status.message()));
  if (batch.all_of) fill(*item.where, *reply.mutable_failed_item());
  return false;
}

void SecretsService::serve_batch(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call,
                                 std::shared_ptr<Batch> batch) {
  std::vector<ItemName> names;
  std::vector<std::uint64_t> versions;
  for (const Batch::One& item : batch->items) {
    if (!item.where.ok()) continue;
    names.push_back(*item.where);
    versions.push_back(item.version);
  }
  Wanted wanted{.items = names,
                .versions = versions,
                .each = true,
                .may_ask = may_ask(call.request()),
                .inherits = true,
                .bulk = batch->all_of.has_value()};
  if (names.empty() && batch->all_of) wanted = {.collection = batch->all_of};
  const auto serve = [this, &call, batch](const AccessVerdict& verdict) {
    // A whole batch of a locked vault fails at once.
    if (const auto gate = core_.session.unlocked(Use::kActive); !gate.ok()) {
      return call.fail(gate.status());
    }
    batch->verdict = verdict;
    auto refusal = verdict.items.begin();
    for (Batch::One& item : batch->items) {
      if (item.where.ok()) item.refused = *refusal++;
    }
    if (batch->all_of) {
      if (absl::Status left = leave_out_hidden(verdict, *batch); !left.ok()) return call.fail(left);
    }
    call.stream([this, &call, batch](v1::GetBatchReply& reply) -> absl::StatusOr<Step> {
      if (!batch->ahead.empty()) {
        reply = std::move(batch->ahead.front());
        batch->ahead.pop_front();
        return Step::kSend;
      }
      if (batch->next == batch->items.size()) return Step::kEnd;
      const absl::StatusOr<bool> decoy = answer_next(call.name(), *batch, reply);
      if (!decoy.ok()) return decoy.status();
      if (!*decoy) return Step::kSend;
      std::size_t bytes = 0;
      while (batch->next < batch->items.size() && bytes < kAheadBytes) {
        v1::GetBatchReply more;
        if (!answer_next(call.name(), *batch, more).ok()) break;
        bytes += more.ByteSizeLong();
        batch->ahead.push_back(std::move(more));
      }
      // As any reply that was begun before a lock: who does not take it in time is cut.
      batch->held = call.keep_for_reply(bytes);
      core_.session.lock(std::string(kDecoyLocks));
      return Step::kSend;
    });
  };
  if (names.empty() && !batch->all_of) return serve({});  // nothing that could be read
  authorized(core_, call, wanted, serve);
}

}  // namespace tacit
