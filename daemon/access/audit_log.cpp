#include "daemon/access/audit_log.h"

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {

void mix(std::size_t& hash, std::size_t next) {
  hash ^= next + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
}

/// Equal decisions have the asking program, the method, the item, the verdict and its rule in
/// common; which of that program's helpers connected does not count.
std::size_t hash_of(const AuditEntry& entry, const ItemName* item, std::string_view change) {
  std::size_t hash = static_cast<std::size_t>(entry.verdict);
  const std::hash<std::string_view> text;
  if (entry.asker) {
    mix(hash, static_cast<std::size_t>(entry.asker->asking().pid));
    mix(hash, static_cast<std::size_t>(entry.asker->asking().start_time));
  }
  mix(hash, text(entry.method));
  mix(hash, text(entry.rule));
  mix(hash, text(entry.event));
  mix(hash, text(change));
  if (item != nullptr) {
    mix(hash, text(item->collection));
    mix(hash, text(item->name));
  }
  return std::max<std::size_t>(hash, 1);
}

bool same_asker(const Asker* one, const Asker* other) {
  if (one == nullptr || other == nullptr) return one == other;
  return one == other || (one->asking().pid == other->asking().pid &&
                          one->asking().start_time == other->asking().start_time);
}

bool same(const AuditRecord& record, const AuditEntry& entry, const ItemName* item,
          std::string_view change) {
  const bool same_item = item == nullptr ? !record.item
                                         : record.item && record.item->name == item->name &&
                                               record.item->collection == item->collection;
  return same_item && record.verdict == entry.verdict && record.verb == entry.verb &&
         record.method == entry.method && record.rule == entry.rule &&
         record.event == entry.event && record.change == change &&
         same_asker(record.asker.get(), entry.asker.get());
}

/// A vault that is not to be written by anybody is read, checked, copied and accepted, and nothing
/// else: none of that may hang on the log.
bool never_written(const absl::Status& status) {
  const Reason reason = reason_of(status);
  return reason == Reason::kReadOnly || reason == Reason::kRollback || reason == Reason::kFork;
}

std::string decisions(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " decision was" : " decisions were");
}

}  // namespace

absl::Status AuditLog::note(const AuditEntry& entry) {
  // Asking for the state touches no secret, and many programs poll it.
  if (entry.verb == Verb::kNone && entry.verdict == AuditVerdict::kAllowed) {
    return absl::OkStatus();
  }
  const bool alone =
      entry.each_use || entry.verb == Verb::kAdmin || entry.verdict != AuditVerdict::kAllowed;
  // A full batch goes first; while writing fails the alarm alone tries again.
  if (open_ && !alone && waiting_.size() >= kMaxWaiting && trouble_.empty()) (void)write();
  add(entry, alone && open_);
  if (!open_) return absl::OkStatus();
  if (alone) {
    const absl::Status written = write();
    return never_written(written) ? absl::OkStatus() : written;
  }
  arm(kDelay);
  return absl::OkStatus();
}

void AuditLog::add(const AuditEntry& entry, bool alone) {
  const ItemName* item = open_ ? entry.item : nullptr;
  const std::string_view change = open_ ? std::string_view(entry.change) : std::string_view();
  const UnixMillis now = setup_.wall_clock();
  const std::size_t hash = alone ? 0 : hash_of(entry, item, change);
  if (!alone) {
    const auto found = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const Waiting& one) {
      return one.hash == hash && same(one.record, entry, item, change);
    });
    if (found != waiting_.rend()) {
      ++found->record.count;
      found->record.last_time = now;
      return;
    }
  }
  make_room();
  AuditRecord record;
  record.time = record.last_time = now;
  record.verdict = entry.verdict;
  record.verb = entry.verb;
  record.method = std::string(entry.method);
  record.rule = entry.rule;
  record.event = entry.event;
  record.change = std::string(change);
  if (item != nullptr) record.item = *item;
  record.asker = entry.asker;
  waiting_.push_back({hash, std::move(record)});
}

void AuditLog::add_event(const std::string& event) {
  AuditEntry entry;
  entry.verdict = AuditVerdict::kEvent;
  entry.event = event;
  add(entry, true);
}

void AuditLog::make_room() {
  if (waiting_.size() < kMaxWaiting) return;
  lost_ += waiting_.front().record.count;
  waiting_.pop_front();
}

void AuditLog::forget_names() {
  for (Waiting& one : waiting_) {
    one.record.item.reset();
    one.record.change.clear();  // which may hold names
    one.hash = 0;
  }
}

void AuditLog::unlocked(const std::string& event) {
  open_ = true;
  add_event(event);
  (void)write();
}

void AuditLog::locking(const std::string& event) {
  if (!open_) return;
  add_event(event);
  (void)write();
  open_ = false;
  forget_names();
}

void AuditLog::locked(const std::string& event) {
  if (!open_) return;
  add_event(event);
  open_ = false;
  forget_names();
}

absl::Status AuditLog::flush() { return open_ ? write() : absl::OkStatus(); }

void AuditLog::on_alarm() {
  armed_ = false;
  if (open_) (void)write();
}

void AuditLog::arm(std::chrono::seconds delay) {
  if (std::exchange(armed_, true)) return;
  setup_.clock->set_alarm(setup_.clock->now() + delay);
}

std::vector<SecretBytes> AuditLog::bodies(const Vault& vault) const {
  std::vector<SecretBytes> out;
  if (lost_ != 0 || !trouble_.empty()) {
    AuditRecord gap;
    gap.verdict = AuditVerdict::kEvent;
    gap.time = gap.last_time = setup_.wall_clock();
    gap.lost = lost_;
    gap.event = audit_text(
        decisions(lost_) + " not recorded: " +
        (trouble_.empty() ? "more came while the vault was locked than are kept" : trouble_));
    out.push_back(encode_audit_record(gap));
  }
  std::shared_ptr<const Asker> asker;  // most are of one program
  std::shared_ptr<const Asker> bounded;
  for (const Waiting& one : waiting_) {
    AuditRecord record = one.record;
    if (record.item) record.item_tag = vault.audit_tag(*record.item);
    record.method = audit_text(record.method);
    record.rule = audit_text(record.rule);
    record.event = audit_text(record.event);
    record.change = audit_text(record.change);
    if (record.asker) {
      if (record.asker != asker) bounded = audit_asker(*record.asker);
      asker = std::exchange(record.asker, bounded);
    }
    out.push_back(encode_audit_record(record));
  }
  return out;
}

absl::Status AuditLog::write() {
  if (waiting_.empty() && lost_ == 0 && trouble_.empty()) return absl::OkStatus();
  absl::StatusOr<Vault::AuditDropped> done;
  const absl::Status there = setup_.with_vault(
      [&](Vault& vault) { done = vault.append_audit(bodies(vault), setup_.max_records); });
  const absl::Status status = there.ok() ? done.status() : there;
  if (!status.ok()) {
    const bool told = !trouble_.empty();
    trouble_ = std::string(status.message());
    if (!told && setup_.trouble) setup_.trouble(status);
    arm(kRetryDelay);  // the disk may be full for a while only
    return status;
  }
  waiting_.clear();
  lost_ = 0;
  trouble_.clear();
  if (done->damaged != 0) {
    add_event("record " + std::to_string(done->damaged) +
              " of this log had been changed by something other than Tacit when it was dropped as "
              "one of the oldest");
    return write();
  }
  if (setup_.written) setup_.written();
  return absl::OkStatus();
}

}  // namespace tacit
