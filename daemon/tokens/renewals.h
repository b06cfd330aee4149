// Who may get a token anew: one at a time for each, the others wait for what comes of it. In memory
// alone: what has to be known after a crash is in the TokenBook.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <variant>

#include "absl/status/status.h"
#include "daemon/os/boot_time.h"
#include "daemon/vault/item.h"

namespace tacit {

/// How somebody wants a token renewed.
struct RenewalWish {
  bool may_log_in = false;  ///< the caller can let the user log in
  bool force = false;       ///< though it is not due, or failed a moment ago
  bool log_in = false;      ///< without a refresh
};

/// The right to renew one token.
struct RenewalLease {
  std::uint64_t id = 0;
  ItemId item{};
  std::uint64_t version = 0;  ///< of the item when it was given
  RenewalWish wish;
};
struct RenewedTo {
  std::uint64_t version = 0;
};
/// An error is final, and so is RenewedTo.
using RenewalNews = std::variant<RenewalLease, RenewedTo, absl::Status>;

/// Vault thread.
class Renewals {
 public:
  using Told = std::function<void(RenewalNews)>;
  using Ticket = std::uint64_t;
  struct Setup {
    /// Whether who is first in line needs the lease: the version that it is for, or what makes it
    /// needless or impossible. Asked whenever the lease is free.
    std::function<std::variant<std::uint64_t, RenewedTo, absl::Status>(const ItemId&,
                                                                       const RenewalWish&)>
        consider;
    BootClock* clock;  ///< its alarm is this object's; outlives it
    std::chrono::milliseconds lease_time{45'000};
  };
  explicit Renewals(Setup setup) : setup_(std::move(setup)) {}

  /// Gets in line. `told` may be called before this returns; never after `leave`. Errors: kLimit.
  absl::StatusOr<Ticket> join(const ItemId& item, const RenewalWish& wish, Told told);
  /// Gives a lease up, or the place in line. A ticket that was told the end may leave as well.
  void leave(Ticket ticket);

  /// A lease that holds, or was lost by its time alone; its time begins anew if it holds. Null:
  /// there is none of the number.
  const RenewalLease* find(std::uint64_t lease);
  std::chrono::milliseconds lease_time() const { return setup_.lease_time; }

  /// Ends it for all who wait.
  void renewed(const ItemId& item, std::uint64_t version);
  /// Ends it for all who wait but, with `others_may_log_in`, those who can let the user log in.
  void failed(const ItemId& item, const absl::Status& why, bool others_may_log_in);
  /// The vault was locked, or the daemon ends.
  void end_all(const absl::Status& why);
  void on_alarm();

 private:
  struct Waiter {
    Ticket ticket = 0;
    RenewalWish wish;
    Told told;
  };
  struct Line {
    std::deque<Waiter> waiters;  ///< the first has the lease, if there is one
    std::optional<RenewalLease> lease;
    BootTime due{};
  };

  /// Gives the lease to the first in line who needs it.
  void advance(const ItemId& item);
  void lose(Line& line);
  void arm();

  const Setup setup_;
  std::map<ItemId, Line> lines_;
  std::map<Ticket, ItemId> tickets_;
  std::deque<RenewalLease> lost_;  ///< by their time; the newest last
  Ticket last_ticket_ = 0;
  std::uint64_t last_lease_ = 0;
};

}  // namespace tacit
