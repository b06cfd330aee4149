// Looking after the vault: whether it may be written, anchor, rollback.
#include <algorithm>

#include "daemon/base/status.h"
#include "daemon/vault/change.h"
#include "daemon/vault/vault_core.h"

namespace tacit {

Reason Vault::read_only() const { return core_->read_only; }
const std::string& Vault::read_only_message() const { return core_->read_only_message; }
bool Vault::first_use() const { return core_->first_use; }

void Vault::set_observer(std::function<void(const ItemEvent&)> observer) {
  core_->observer = std::move(observer);
}

absl::StatusOr<std::shared_ptr<const void>> Vault::hold_writing() {
  if (absl::Status status = core_->check_writable(); !status.ok()) return status;
  auto held = std::make_shared<char>();
  core_->held = held;
  return std::shared_ptr<const void>(std::move(held));
}

bool Vault::anchor_due() const {
  // A replacement writes its own beside what is there.
  return core_->held.expired() && core_->read_only == Reason::kUnspecified &&
         (core_->unsettled || core_->anchored_epoch != core_->state.epoch);
}

absl::Status Vault::write_anchor() {
  if (!anchor_due()) return absl::OkStatus();
  if (core_->unsettled) {
    // A crash may bring back the commit that failed: a write that was refused, and with a state
    // that knows nothing of the anchor written now, a fork. So one that changes no row goes over
    // it.
    Change over(*core_);
    absl::Status status = over.begin();
    if (status.ok()) status = over.commit();
    if (!status.ok()) return status;
  }
  const KeyBytes key = subkey(core_->root, Subkey::kAnchor);
  const RememberedAnchor now{core_->state.epoch, state_digest(core_->committed, key)};
  const Anchor anchor{core_->vault_id, core_->state.lineage, now.epoch, now.digest};
  const std::string& path = core_->locked.place.anchor_file;
  if (absl::Status status = make_private_folder(parent_of(path)); !status.ok()) return status;
  bool replaced = false;
  const absl::Status status = replace_file(path, encode_anchor(anchor, key), &replaced);
  // The next state must know this anchor, also when only the folder's sync failed.
  if (replaced) core_->state.remember(now);
  if (status.ok()) core_->anchored_epoch = now.epoch;
  return status;
}

absl::Status Vault::Core::begin_lineage() {
  Change write(*this);
  absl::Status status = write.begin();
  if (!status.ok()) return status;
  random_bytes(write.state().lineage);
  for (const Anchor& anchor : found_anchors) {
    write.state().epoch = std::max(write.state().epoch, anchor.epoch);
    // So that a crash before the anchor is written anew does not ask again.
    write.state().remember({anchor.epoch, anchor.digest});
  }
  status = write.commit();  // which adds one to the epoch
  if (!status.ok()) return status;
  read_only = Reason::kUnspecified;
  read_only_message.clear();
  anchored_epoch.reset();
  return absl::OkStatus();
}

absl::Status Vault::accept_rollback() {
  if (core_->read_only != Reason::kRollback && core_->read_only != Reason::kFork) {
    return core_->check_writable();
  }
  if (!core_->locked.read_only_copy.empty()) {
    return make_error(Reason::kReadOnly,
                      "the vault lies on a read-only file system; mount it writable first");
  }
  if (absl::Status status = core_->begin_lineage(); !status.ok()) return status;
  return write_anchor();
}

}  // namespace tacit
