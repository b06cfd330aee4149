#include "daemon/rpc/audit_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/access/audit_filter.h"
#include "daemon/base/status.h"
#include "daemon/rpc/audit_convert.h"
#include "daemon/rpc/convert.h"
#include "daemon/rpc/slices.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxProgramText = 4096;

absl::StatusOr<AuditFilter> filter_from(const v1::AuditRequest& request) {
  if (request.collection().size() > kMaxAuditText || request.name().size() > kMaxAuditText ||
      request.program().size() > kMaxProgramText) {
    return make_error(Reason::kInvalidArgument,
                      "a name has at most 1,024 bytes, a part of a path 4,096");
  }
  AuditFilter filter{
      request.collection(), request.name(), request.program(), {}, request.since_unix_ms()};
  switch (request.verdict()) {
    case v1::AUDIT_VERDICT_UNSPECIFIED:
      break;
    case v1::AUDIT_VERDICT_ALLOWED:
    case v1::AUDIT_VERDICT_DENIED:
    case v1::AUDIT_VERDICT_EVENT:
      filter.verdict = static_cast<AuditVerdict>(request.verdict());
      break;
    default:
      return make_error(Reason::kInvalidArgument,
                        "no such verdict; there are allowed, denied and event");
  }
  return filter;
}

absl::StatusOr<AuditRecord> decoded(const Vault::AuditRecord& stored) {
  std::optional<AuditRecord> record = decode_audit_record(stored.body);
  if (record) return *std::move(record);
  return make_error(Reason::kVaultTooNew, "record " + std::to_string(stored.sequence) +
                                              " of the audit log was written by a newer Tacit; "
                                              "install that one to read it");
}

/// One reading of the log, in slices. First back from the end for the newest `last`, then forward.
class Reading {
 public:
  Reading(AuditFilter filter, const v1::AuditRequest& request)
      : filter_(std::move(filter)), last_(request.last()), follow_(request.follow()) {}

  /// Fills the reply until the slice is over, the reply is full or there is nothing more.
  absl::StatusOr<Step> step(Vault& vault, const Limits& limits, v1::AuditReply& reply) {
    if (!std::exchange(begun_, true)) {
      until_ = before_ = vault.next_audit_sequence();
      seeking_ = last_ != 0;
    }
    bytes_ = 0;
    const Slice slice(limits);
    for (bool looked = false; !(looked && slice.over()); looked = true) {
      if (seeking_) {
        if (absl::Status status = seek(vault); !status.ok()) return status;
        continue;
      }
      const absl::StatusOr<bool> more = send(vault, reply);
      if (!more.ok()) return more.status();
      if (!*more) {
        if (reply.records_size() != 0) return Step::kSend;
        return follow_ ? Step::kWait : Step::kEnd;
      }
      if (bytes_ >= limits.chunk_bytes) break;
    }
    return reply.records_size() == 0 ? Step::kAgain : Step::kSend;
  }

 private:
  /// Looks at the records before `before_`; `from_` is where the newest `last_` begin.
  absl::Status seek(Vault& vault) {
    const std::uint64_t first = vault.first_audit_sequence();
    const std::uint64_t begin =
        std::max(first, before_ - std::min<std::uint64_t>(before_, kRowsAtOnce));
    if (begin >= before_) {
      from_ = first;
      seeking_ = false;
      return absl::OkStatus();
    }
    const auto records = vault.read_audit(begin, before_ - begin);
    if (!records.ok()) return records.status();
    for (auto stored = records->rbegin(); stored != records->rend(); ++stored) {
      const absl::StatusOr<AuditRecord> record = decoded(*stored);
      if (!record.ok()) return record.status();
      if (!filter_.matches(*record) || ++found_ < last_) continue;
      from_ = stored->sequence;
      seeking_ = false;
      return absl::OkStatus();
    }
    before_ = begin;
    return absl::OkStatus();
  }

  /// False: there is nothing more for now.
  absl::StatusOr<bool> send(Vault& vault, v1::AuditReply& reply) {
    // What is written while this reads is for those who follow: reading is noted, too.
    const std::uint64_t end = follow_ ? vault.next_audit_sequence() : until_;
    from_ = std::max(from_, vault.first_audit_sequence());
    if (from_ >= end) return false;
    const auto records = vault.read_audit(from_, std::min<std::uint64_t>(end - from_, kRowsAtOnce));
    if (!records.ok()) return records.status();
    for (const Vault::AuditRecord& stored : *records) {
      from_ = stored.sequence + 1;
      const absl::StatusOr<AuditRecord> record = decoded(stored);
      if (!record.ok()) return record.status();
      if (!filter_.matches(*record)) continue;
      fill(stored.sequence, *record, *reply.add_records());
      bytes_ += stored.body.size();
    }
    return true;
  }

  const AuditFilter filter_;
  const std::uint64_t last_;
  const bool follow_;
  bool begun_ = false;
  bool seeking_ = false;
  std::uint64_t until_ = 0;
  std::uint64_t before_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t from_ = 1;
  std::size_t bytes_ = 0;
};

}  // namespace

AuditService::AuditService(Core& core, Server& server, AccessRpc& rpc, AuditLog& log,
                           Hub<AuditWritten>& written)
    : core_(core), log_(log), written_(written) {
  server.add(rpc.service, {"Access.Audit", 2, true}, this, &AuditService::audit);
  server.add(rpc.service, {"Access.VerifyAudit", 2, false}, this, &AuditService::verify);
}

void AuditService::audit(StreamCall<v1::AuditRequest, v1::AuditReply>& call) {
  absl::StatusOr<AuditFilter> filter = filter_from(call.request());
  if (!filter.ok()) return call.fail(filter.status());
  authorized(core_, call, {}, may_ask(call.request()), [this, &call, filter = *std::move(filter)] {
    if (const auto gate = core_.session.unlocked(Use::kPassive); !gate.ok()) {
      return call.fail(gate.status());
    }
    std::shared_ptr<Hub<AuditWritten>::Inbox> inbox;
    if (call.request().follow()) {
      if (written_.size() >= core_.limits.watches) {
        return call.fail(make_error(Reason::kLimit, "too many programs follow the audit log"));
      }
      inbox = written_.join([](AuditWritten) { return true; }, [&call] { call.wake(); });
    }
    // So that what just happened is there. A log that cannot be written can still be read.
    (void)log_.flush();
    auto reading = std::make_shared<Reading>(filter, call.request());
    call.stream([this, reading, inbox](v1::AuditReply& reply) -> absl::StatusOr<Step> {
      // What follows is in the log itself, so that a slow reader needs no queue.
      if (inbox) {
        inbox->events.clear();
        inbox->overflowed = false;
        if (inbox->ended) return make_error(Reason::kLocked, "the vault was locked");
      }
      // Damage of the log is told here and is no reason to lock: secrets are checked apart.
      const absl::StatusOr<Vault*> vault = core_.session.unlocked(Use::kPassive);
      if (!vault.ok()) return vault.status();
      return reading->step(**vault, core_.limits, reply);
    });
  });
}

void AuditService::verify(UnaryCall<v1::VerifyAuditRequest, v1::VerifyAuditReply>& call) {
  authorized(core_, call, {}, false, [this, &call] {
    (void)log_.flush();
    auto walk = std::make_shared<Vault::AuditWalk>();
    call.in_slices([this, &call, walk] {
      const absl::StatusOr<Vault*> vault = core_.session.unlocked(Use::kPassive);
      if (!vault.ok()) return call.fail(vault.status());
      v1::VerifyAuditReply& reply = call.reply();
      const Slice slice(core_.limits);
      while (!walk->done && !slice.over()) {
        const absl::Status status =
            (*vault)->verify_audit(*walk, kRowsAtOnce, [&](const Vault::AuditRecord& stored) {
              const auto record = decode_audit_record(stored.body);
              if (record) reply.set_gap(reply.gap() + record->lost);
            });
        if (!status.ok()) return call.fail(status);
      }
      if (!walk->done) return call.again();
      reply.set_gap(reply.gap() + log_.lost());
      const std::uint64_t first = (*vault)->first_audit_sequence();
      const std::uint64_t next = (*vault)->next_audit_sequence();
      reply.set_first_sequence(first);
      reply.set_last_sequence(first == next ? 0 : next - 1);
      call.finish(absl::OkStatus());
    });
  });
}

}  // namespace tacit
