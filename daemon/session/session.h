// Locked or unlocked: the only way to the vault, and the only place that asks.
#pragma once
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/os/boot_time.h"
#include "daemon/session/deadlines.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// The numbers are those of proto VaultState.
enum class VaultState { kNone = 1, kLocked = 2, kUnlocked = 3, kUnusable = 4 };

/// Whether a use of the vault keeps it from locking by the idle time-out.
enum class Use {
  kActive,   ///< a read or a write
  kPassive,  ///< list, watch, status, upkeep
};

/// Owned by the vault thread, as is all it holds.
class Session {
 public:
  struct Setup {
    VaultPlace place;
    Clock wall_clock;
    BootClock* boot_clock;  ///< outlives the session; its alarm is the session's
    Timeouts timeouts;
    /// After each change of state, with the cause in words.
    std::function<void(VaultState, const std::string& cause)> on_change;
    /// A failure that no call can be told of (the anchor at a time-out), for the log.
    std::function<void(const absl::Status&)> on_trouble;
    std::function<void(const ItemEvent&)> on_item;
    /// Before the keys go, while the vault can still be written; not when it is damaged.
    std::function<void(const std::string& cause)> on_locking{};
  };
  explicit Session(Setup setup);
  ~Session();

  /// Looks for the vault at start. Error: kVaultBusy only; whatever else is wrong with the vault
  /// is told by `state` and `problem`.
  absl::Status start();

  /// The lock gate. The pointer is good until control goes back to the event loop.
  /// Errors: kLocked, kNoVault, or why the vault cannot be served.
  absl::StatusOr<Vault*> unlocked(Use use);

  /// Runs `work(Vault&)` behind the lock gate and returns its Status or StatusOr. Damage that
  /// the work meets locks the vault.
  template <class Work>
  auto with_vault(Use use, Work work) -> decltype(work(std::declval<Vault&>())) {
    absl::StatusOr<Vault*> vault = unlocked(use);
    if (!vault.ok()) return vault.status();
    auto result = work(**vault);
    if (absl::Status outcome = used(status_of(result)); !outcome.ok()) return outcome;
    return result;
  }

  VaultState state();
  /// Why the vault cannot be served or written, or, locked, could not be written before; OK if it
  /// can, or if there is none.
  absl::Status problem();
  std::vector<Slot> slots();
  /// Of the vault whose slots these are; none where there are none.
  std::optional<VaultId> vault_id() const;
  /// Milliseconds since the epoch; 0: is not, or never will be.
  UnixMillis unlocked_since() const;
  UnixMillis locks_at() const;
  const VaultPlace& place() const { return setup_.place; }
  bool recovery_key_unconfirmed();

  /// Takes the locked file out, for a worker to open it. Until `opened` gives it back the state
  /// is kLocked and nothing else can take it.
  /// Errors: kNoVault; why it is unusable; kVaultBusy, it is taken. Not to be called unlocked.
  absl::StatusOr<std::unique_ptr<LockedVault>> take_file();
  /// Gives the file back, with the vault if it opened. If a lock was asked for meanwhile the
  /// vault is closed again (kLocked). Returns why it did not open; damage makes it unusable until
  /// an unlock succeeds.
  absl::Status opened(std::unique_ptr<LockedVault> file,
                      absl::StatusOr<std::unique_ptr<Vault>> vault, const std::string& cause);

  /// Notes that a worker makes a vault, so that its files are not taken for another's. Ends with
  /// `opened` or `not_created`. Errors: kVaultExists; why the one there is unusable.
  absl::Status start_creating();
  void not_created();

  /// Takes the vault out of service, locking it, so that a worker can put another file in its
  /// place. Null: there is none, or none that opens. Ends with `opened` or `not_replaced`; until
  /// then nothing else opens it. Errors: kVaultBusy, a worker has it.
  absl::StatusOr<std::unique_ptr<LockedVault>> start_replacing(const std::string& cause);
  /// `file`: as `start_replacing` gave it, if it is still open.
  void not_replaced(std::unique_ptr<LockedVault> file);

  /// From now on a worker makes a successor of the vault, which goes on being served, but not
  /// written. It may be locked meanwhile, and is not unlocked before `end_succession`.
  /// `held`: of the vault's writing, until it ends. Errors: kLocked, kVaultBusy.
  absl::StatusOr<LockedVault::Seat> start_succession(std::shared_ptr<const void> held);
  /// The successor, unless there is a reason why not, takes the place of the one served, or locked
  /// meanwhile.
  absl::Status end_succession(std::unique_ptr<LockedVault> file,
                              absl::StatusOr<std::unique_ptr<Vault>> vault);

  /// Wipes the keys. False if it was locked before.
  bool lock(const std::string& cause);

  /// The boot clock's alarm went off.
  void on_alarm();
  /// Calls `on_change` for what happened behind the daemon's back.
  void refresh();

 private:
  struct None {};
  struct Unusable {
    absl::Status why;
  };
  struct Locked {
    std::unique_ptr<LockedVault> file;  ///< null while a worker has it
    absl::Status known;  ///< why it was served read-only when it was last open, if it was
  };
  struct Unlocked {
    std::unique_ptr<LockedVault> file;
    std::unique_ptr<Vault> vault;  ///< goes before the file
    UnixMillis since = 0;
  };
  /// Which file `CURRENT` is, to see another one put in its place.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };

  static const absl::Status& status_of(const absl::Status& status) { return status; }
  template <class Value>
  static const absl::Status& status_of(const absl::StatusOr<Value>& result) {
    return result.status();
  }
  /// Returns what the caller is to be told.
  absl::Status used(const absl::Status& status);
  void take_back(std::unique_ptr<LockedVault> file);
  void look_for_vault();
  void close(const std::string& cause, bool with_anchor);
  void save_anchor(Vault& vault);
  void arm();
  void changed(const std::string& cause);
  Stamp stamp_now() const;

  std::shared_ptr<const void> held_;  ///< while a successor is made
  Setup setup_;
  Deadlines deadlines_;
  std::variant<None, Unusable, Locked, Unlocked> state_;
  VaultState told_ = VaultState::kNone;
  absl::Status damage_;  ///< met while open or opening; told until an unlock succeeds
  bool lock_wanted_ = false;
  bool creating_ = false;  ///< a worker makes or replaces the vault's files
  Stamp stamp_;
  std::optional<BootTime> looked_;  ///< last look at an unusable vault
  std::optional<BootTime> alarm_;   ///< as set
};

}  // namespace tacit
