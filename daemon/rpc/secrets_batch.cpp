// Secrets.GetBatch: many values, each with a verdict of its own.
#include <deque>
#include <memory>
#include <utility>

#include "daemon/rpc/convert.h"
#include "daemon/rpc/secrets_service.h"

namespace tacit {
namespace {

constexpr int kMaxBatch = 1000;
/// What is read ahead of the lock that a decoy brings, so that nothing tells which item it was.
constexpr std::size_t kAheadBytes = std::size_t{1} << 20;

struct One {
  absl::StatusOr<ItemName> where;
  std::uint64_t version = 0;
  absl::Status refused;
};

struct Batch {
  std::vector<One> items;
  std::size_t next = 0;
  AccessVerdict verdict;
  // From a decoy on.
  std::deque<v1::GetBatchReply> ahead;
  std::shared_ptr<void> held;  ///< the share of `ahead` in what the lock waits for
};

}  // namespace

void SecretsService::get_batch(Stream<v1::GetBatchRequest, v1::GetBatchReply>& call) {
  const v1::GetBatchRequest& request = call.request();
  if (request.items_size() < 1 || request.items_size() > kMaxBatch) {
    return call.fail(make_error(
        Reason::kInvalidArgument,
        "a batch has 1 to 1,000 items, this one has " + std::to_string(request.items_size())));
  }
  auto batch = std::make_shared<Batch>();
  std::vector<ItemName> names;
  std::vector<std::uint64_t> versions;
  for (const v1::GetRequest& item : request.items()) {
    batch->items.push_back({item_name_from(item.item()), item.version(), absl::OkStatus()});
    if (!batch->items.back().where.ok()) continue;
    names.push_back(*batch->items.back().where);
    versions.push_back(item.version());
  }
  const Wanted wanted{
      .items = names, .versions = versions, .each = true, .may_ask = may_ask(request)};
  const auto serve = [this, &call, batch](const AccessVerdict& verdict) {
    // A whole batch of a locked vault fails at once.
    if (const auto gate = core_.session.unlocked(Use::kActive); !gate.ok()) {
      return call.fail(gate.status());
    }
    batch->verdict = verdict;
    auto refusal = verdict.items.begin();
    for (One& item : batch->items) {
      if (item.where.ok()) item.refused = *refusal++;
    }
    // The next item's reply; true: that is a decoy's. An error ends the batch.
    const auto answer = [this, &call, batch](v1::GetBatchReply& reply) -> absl::StatusOr<bool> {
      const One& item = batch->items[batch->next];
      reply.set_index(static_cast<std::uint32_t>(batch->next++));
      absl::Status status = item.where.status();
      if (status.ok()) status = item.refused;
      if (status.ok()) status = core_.access.still(batch->verdict, *item.where, item.version);
      if (status.ok()) {
        const absl::StatusOr<bool> decoy =
            fetch(batch->verdict, call.name(), *item.where, item.version, *reply.mutable_item());
        if (decoy.ok()) return decoy;
        status = decoy.status();
      }
      if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
        return gate.status();
      }
      reply.clear_item();
      reply.set_status_code(static_cast<std::uint32_t>(status.code()));
      reply.set_reason(to_proto(reason_of(status)));
      reply.set_message(std::string(status.message()));
      return false;
    };
    call.stream([this, &call, batch, answer](v1::GetBatchReply& reply) -> absl::StatusOr<Step> {
      if (!batch->ahead.empty()) {
        reply = std::move(batch->ahead.front());
        batch->ahead.pop_front();
        return Step::kSend;
      }
      if (batch->next == batch->items.size()) return Step::kEnd;
      absl::StatusOr<bool> decoy = answer(reply);
      if (!decoy.ok()) return decoy.status();
      if (!*decoy) return Step::kSend;
      std::size_t bytes = 0;
      while (batch->next < batch->items.size() && bytes < kAheadBytes) {
        v1::GetBatchReply more;
        if (!answer(more).ok()) break;
        bytes += more.ByteSizeLong();
        batch->ahead.push_back(std::move(more));
      }
      // As any reply that was begun before a lock: who does not take it in time is cut.
      batch->held = call.keep_for_reply(bytes);
      core_.session.lock(std::string(kDecoyLocks));
      return Step::kSend;
    });
  };
  if (names.empty()) return serve({});  // nothing that could be read
  authorized(core_, call, wanted, serve);
}

}  // namespace tacit
