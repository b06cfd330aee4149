#include "daemon/session/session.h"

#include <sys/stat.h>

#include <algorithm>

#include "daemon/base/status.h"

namespace tacit {
namespace {

// An unusable vault is looked at again at most this often, for a look reads the file.
constexpr std::chrono::seconds kLookAgain{1};

absl::Status locked_error() {
  return make_error(Reason::kLocked, "the vault is locked; unlock it with `tacit unlock`");
}

absl::Status no_vault_error() {
  return make_error(Reason::kNoVault, "there is no vault yet; make one with `tacit init`");
}

absl::Status busy_error() {
  return make_error(Reason::kVaultBusy,
                    "the vault is being opened or replaced already; try again when that is done");
}

absl::Status with_advice(const absl::Status& status, std::string_view advice) {
  return make_error(reason_of(status), std::string(status.message()) + "; " + std::string(advice));
}

}  // namespace

Session::Session(Setup setup) : setup_(std::move(setup)), deadlines_(setup_.timeouts) {}

Session::~Session() {
  if (auto* open = std::get_if<Unlocked>(&state_)) save_anchor(*open->vault);
}

absl::Status Session::start() {
  look_for_vault();
  told_ = state();
  const auto* unusable = std::get_if<Unusable>(&state_);
  if (unusable != nullptr && reason_of(unusable->why) == Reason::kVaultBusy) return unusable->why;
  return absl::OkStatus();
}

absl::StatusOr<Vault*> Session::unlocked(Use use) {
  if (auto* open = std::get_if<Unlocked>(&state_)) {
    if (use == Use::kActive) deadlines_.active(setup_.boot_clock->now());
    return open->vault.get();
  }
  refresh();
  if (!damage_.ok()) return damage_;
  if (const auto* unusable = std::get_if<Unusable>(&state_)) return unusable->why;
  if (std::holds_alternative<None>(state_)) return no_vault_error();
  return locked_error();
}

absl::Status Session::used(const absl::Status& status) {
  if (!status.ok() && reason_of(status) == Reason::kVaultDamaged) {
    damage_ = with_advice(status,
                          "the vault was locked: run `tacit unlock`, then `tacit vault verify` to "
                          "see what else is damaged, or restore a backup");
    // The anchor is left as it is: it is what a later unlock compares a mended vault with.
    close("the vault is damaged", false);
    return damage_;
  }
  const auto* open = std::get_if<Unlocked>(&state_);
  if (open != nullptr && open->vault->anchor_due()) {
    deadlines_.anchor_behind(setup_.boot_clock->now());
    arm();
  }
  return status;
}

VaultState Session::state() {
  if (std::holds_alternative<Unlocked>(state_)) return VaultState::kUnlocked;
  if (std::holds_alternative<Unusable>(state_)) return VaultState::kUnusable;
  return std::holds_alternative<None>(state_) ? VaultState::kNone : VaultState::kLocked;
}

absl::Status Session::problem() {
  if (const auto* open = std::get_if<Unlocked>(&state_)) {
    const Reason reason = open->vault->read_only();
    return reason == Reason::kUnspecified ? absl::OkStatus()
                                          : make_error(reason, open->vault->read_only_message());
  }
  if (!damage_.ok()) return damage_;
  if (const auto* locked = std::get_if<Locked>(&state_)) return locked->known;
  const auto* unusable = std::get_if<Unusable>(&state_);
  return unusable == nullptr ? absl::OkStatus() : unusable->why;
}

void Session::take_back(std::unique_ptr<LockedVault> file) {
  absl::Status known;
  if (auto* locked = std::get_if<Locked>(&state_)) known = std::move(locked->known);
  state_ = Locked{std::move(file), std::move(known)};
}

std::vector<Slot> Session::slots() {
  if (const auto* open = std::get_if<Unlocked>(&state_)) return open->vault->slots();
  const auto* locked = std::get_if<Locked>(&state_);
  if (locked == nullptr || !locked->file) return {};
  return locked->file->slots();
}

std::optional<VaultId> Session::vault_id() const {
  if (const auto* open = std::get_if<Unlocked>(&state_)) return open->vault->vault_id();
  const auto* locked = std::get_if<Locked>(&state_);
  if (locked == nullptr || !locked->file) return {};
  return locked->file->vault_id();
}

UnixMillis Session::unlocked_since() const {
  const auto* open = std::get_if<Unlocked>(&state_);
  return open == nullptr ? 0 : open->since;
}

UnixMillis Session::locks_at() const {
  const auto at = deadlines_.locks_at();
  if (!at) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at - setup_.boot_clock->now());
  return setup_.wall_clock() + std::max<std::int64_t>(left.count(), 0);
}

bool Session::recovery_key_unconfirmed() {
  const auto* open = std::get_if<Unlocked>(&state_);
  return open != nullptr && open->vault->recovery_key_unconfirmed();
}

absl::StatusOr<std::unique_ptr<LockedVault>> Session::take_file() {
  refresh();
  if (const auto* unusable = std::get_if<Unusable>(&state_)) return unusable->why;
  if (std::holds_alternative<None>(state_)) return no_vault_error();
  auto* locked = std::get_if<Locked>(&state_);
  if (creating_ || locked == nullptr || !locked->file) return busy_error();
  lock_wanted_ = false;
  return std::move(locked->file);
}

absl::Status Session::start_creating() {
  refresh();
  if (const auto* unusable = std::get_if<Unusable>(&state_)) return unusable->why;
  if (!std::holds_alternative<None>(state_) || creating_) {
    return make_error(Reason::kVaultExists,
                      "there is a vault already in " + setup_.place.dir +
                          "; it is never replaced. Unlock it, or move the folder away first");
  }
  creating_ = true;
  return absl::OkStatus();
}

void Session::not_created() {
  creating_ = false;
  looked_.reset();
  refresh();
}

absl::Status Session::opened(std::unique_ptr<LockedVault> file,
                             absl::StatusOr<std::unique_ptr<Vault>> vault,
                             const std::string& cause) {
  // Else it stays what it was when the file was opened, so that another one put in its place
  // meanwhile is seen.
  if (std::exchange(creating_, false)) stamp_ = stamp_now();
  if (!vault.ok()) {
    const Reason reason = reason_of(vault.status());
    if (file) take_back(std::move(file));
    if (reason == Reason::kVaultDamaged) {
      damage_ = with_advice(vault.status(), "the vault stays locked: restore a backup");
      changed(cause);
      return damage_;
    }
    changed(cause);
    return vault.status();
  }
  damage_ = absl::OkStatus();
  if (std::exchange(lock_wanted_, false)) {
    vault->reset();
    take_back(std::move(file));
    changed(cause);
    return make_error(Reason::kLocked, "the vault was locked while it was being opened");
  }
  (*vault)->set_observer(setup_.on_item);
  const bool anchor_due = (*vault)->anchor_due();
  state_ = Unlocked{std::move(file), *std::move(vault), setup_.wall_clock()};
  const BootTime now = setup_.boot_clock->now();
  deadlines_.unlocked(now);
  if (anchor_due) deadlines_.anchor_behind(now);
  arm();
  changed(cause);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LockedVault>> Session::start_replacing(const std::string& cause) {
  refresh();
  if (creating_) return busy_error();
  lock(cause);
  std::unique_ptr<LockedVault> file;
  if (auto* locked = std::get_if<Locked>(&state_)) {
    if (!locked->file) return busy_error();
    file = std::move(locked->file);
  } else if (const auto* unusable = std::get_if<Unusable>(&state_)) {
    if (reason_of(unusable->why) == Reason::kVaultBusy) return unusable->why;
  }
  lock_wanted_ = false;
  creating_ = true;
  return file;
}

void Session::not_replaced(std::unique_ptr<LockedVault> file) {
  creating_ = false;
  if (file) return take_back(std::move(file));
  look_for_vault();
  changed("the vault's files changed");
}

absl::StatusOr<LockedVault::Seat> Session::start_succession(std::shared_ptr<const void> held) {
  const auto* open = std::get_if<Unlocked>(&state_);
  if (open == nullptr) return locked_error();
  if (creating_) return busy_error();
  creating_ = true;
  held_ = std::move(held);
  return open->file->seat();
}

absl::Status Session::end_succession(std::unique_ptr<LockedVault> file,
                                     absl::StatusOr<std::unique_ptr<Vault>> vault) {
  creating_ = false;
  held_.reset();
  auto* open = std::get_if<Unlocked>(&state_);
  if (!vault.ok()) {
    // It may be in place and not open: then what is served is not the vault any more.
    if (stamp_now() != stamp_) {
      close("another file took the vault's place, and did not open", false);
      look_for_vault();
    }
    return vault.status();
  }
  stamp_ = stamp_now();
  if (open == nullptr) {
    vault->reset();
    state_ = Locked{std::move(file), absl::OkStatus()};
    return absl::OkStatus();
  }
  (*vault)->set_observer(setup_.on_item);
  open->vault = *std::move(vault);
  open->file = std::move(file);
  // At once: as long as the old anchor is there, a backup of the old keys passes for the vault's.
  save_anchor(*open->vault);
  arm();
  return absl::OkStatus();
}

bool Session::lock(const std::string& cause) {
  if (!std::holds_alternative<Unlocked>(state_)) {
    const auto* locked = std::get_if<Locked>(&state_);
    if (creating_ || (locked != nullptr && !locked->file)) lock_wanted_ = true;
    return false;
  }
  close(cause, true);
  return true;
}

void Session::close(const std::string& cause, bool with_anchor) {
  auto* open = std::get_if<Unlocked>(&state_);
  if (open == nullptr) return;
  if (with_anchor) {
    if (setup_.on_locking) setup_.on_locking(cause);
    save_anchor(*open->vault);
  }
  absl::Status known = problem();
  std::unique_ptr<LockedVault> file = std::move(open->file);
  open->vault.reset();
  state_ = Locked{std::move(file), std::move(known)};
  deadlines_.locked();
  arm();
  changed(cause);
}

void Session::save_anchor(Vault& vault) {
  if (!vault.anchor_due()) return deadlines_.anchor_written();
  const absl::Status written = vault.write_anchor();
  deadlines_.anchor_written();
  if (written.ok()) return;
  // Tried again after the usual delay, for the disk may be full for a while only.
  deadlines_.anchor_behind(setup_.boot_clock->now());
  if (setup_.on_trouble) setup_.on_trouble(written);
}

void Session::on_alarm() {
  alarm_.reset();
  auto* open = std::get_if<Unlocked>(&state_);
  if (open != nullptr) {
    switch (deadlines_.due(setup_.boot_clock->now())) {
      case Deadlines::Due::kIdle:
        lock("idle time-out");
        break;
      case Deadlines::Due::kHard:
        lock("hard time-out");
        break;
      case Deadlines::Due::kAnchor:
        save_anchor(*open->vault);
        break;
      case Deadlines::Due::kNothing:
        break;
    }
  }
  arm();
}

void Session::arm() {
  const std::optional<BootTime> next = deadlines_.next();
  // A use moves the idle time-out back: an alarm that rings early costs less than one set at
  // every read.
  if (alarm_ && next && *alarm_ <= *next) return;
  if (alarm_ == next) return;
  alarm_ = next;
  setup_.boot_clock->set_alarm(next);
}

void Session::refresh() {
  if (creating_ || std::holds_alternative<Unlocked>(state_)) return;
  if (const auto* locked = std::get_if<Locked>(&state_)) {
    if (!locked->file || (stamp_now() == stamp_ && locked->file->check_in_place().ok())) return;
  } else if (std::holds_alternative<Unusable>(state_)) {
    const BootTime now = setup_.boot_clock->now();
    if (looked_ && now < *looked_ + kLookAgain) return;
  } else if (stamp_now() == stamp_ && looked_) {
    return;
  }
  look_for_vault();
  changed("the vault's files changed");
}

void Session::look_for_vault() {
  looked_ = setup_.boot_clock->now();
  stamp_ = stamp_now();
  state_ = None{};  // closes the old file first: its lock would refuse the new one
  absl::StatusOr<std::unique_ptr<LockedVault>> file =
      LockedVault::open(setup_.place, setup_.wall_clock);
  if (file.ok()) {
    state_ = Locked{*std::move(file), absl::OkStatus()};
  } else if (reason_of(file.status()) != Reason::kNoVault) {
    state_ = Unusable{file.status()};
  }
}

void Session::changed(const std::string& cause) {
  const VaultState now = state();
  if (std::exchange(told_, now) == now) return;
  if (setup_.on_change) setup_.on_change(now, cause);
}

Session::Stamp Session::stamp_now() const {
  struct stat info {};
  if (::stat((setup_.place.dir + "/CURRENT").c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

}  // namespace tacit
