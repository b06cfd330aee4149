// The audit log in RAM and on its way into the vault.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "daemon/access/audit_record.h"
#include "daemon/os/boot_time.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// Coalesces what may be coalesced and writes it in batches, what must be durable at once with all
/// that came before it. Locked, or while the disk takes nothing, it keeps the newest kMaxWaiting
/// records (locked: without names) and counts what it loses.
class AuditLog final : public Audit {
 public:
  static constexpr std::size_t kMaxWaiting = 256;
  static constexpr std::chrono::seconds kDelay{1};  ///< what may be coalesced is written by then
  static constexpr std::chrono::seconds kRetryDelay{5};  ///< after writing failed

  struct Setup {
    /// Runs the work on the unlocked vault, or returns why there is none.
    std::function<absl::Status(const std::function<void(Vault&)>& work)> with_vault;
    Clock wall_clock;
    BootClock* clock;  ///< outlives the log; its alarm is the log's
    std::uint64_t max_records = 100'000;
    std::function<void()> written;  ///< there is more to read
    /// Writing failed; not told again before it has worked.
    std::function<void(const absl::Status&)> trouble;
  };
  explicit AuditLog(Setup setup) : setup_(std::move(setup)) {}

  absl::Status note(const AuditEntry& entry) override;

  /// The vault was unlocked: what waited is written, then this event.
  void unlocked(const std::string& event);
  /// The vault is about to lock and can still be written: this event and all that waits is.
  void locking(const std::string& event);
  /// The vault is locked. The event is kept if `locking` has not told one.
  void locked(const std::string& event);

  /// Writes what waits. Error: why it cannot be written.
  absl::Status flush();
  void on_alarm();
  /// Decisions that are in no record so far.
  std::uint64_t lost() const { return lost_; }

 private:
  struct Waiting {
    std::size_t hash = 0;  ///< of what must be equal; 0: to be told alone
    AuditRecord record;    ///< asker and texts as they came
  };

  void add(const AuditEntry& entry, bool alone);
  void add_event(const std::string& event);
  void make_room();
  void forget_names();
  absl::Status write();
  std::vector<SecretBytes> bodies(const Vault& vault) const;
  void arm(std::chrono::seconds delay);

  Setup setup_;
  std::deque<Waiting> waiting_;
  bool open_ = false;
  bool armed_ = false;
  std::uint64_t lost_ = 0;
  std::string trouble_;  ///< why writing fails since its last success; empty: it does not
};

}  // namespace tacit
