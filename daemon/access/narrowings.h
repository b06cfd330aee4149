// Process trees that gave up what they may read, but for some items.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/access/asker.h"
#include "daemon/os/boot_time.h"
#include "daemon/vault/item.h"

namespace tacit {

/// What one process tree may read at most.
struct Narrowing {
  std::uint64_t id = 0;
  pid_t root = 0;
  std::uint64_t root_start = 0;  ///< clock ticks since boot
  std::set<ItemId> items;
  std::vector<ItemName> names;  ///< of the items, as they were called
  BootTime until{};             ///< after that nothing may be read
  UnixMillis created = 0;
  bool consented = false;  ///< the vault has not been locked since the user or a rule said yes
};

/// Vault thread. Nothing here is ever taken back while the root process lives.
class Narrowings {
 public:
  /// What the narrowings over one asker leave it, together.
  struct Scope {
    bool narrowed = false;
    bool expired = false;    ///< nothing is left
    bool consented = false;  ///< what is left needs no question but for kConfirm
    std::uint64_t id = 0;    ///< of the innermost
  };

  /// `asker` is of the connection that asked for it: its first process is the root. Errors: kLimit,
  /// too many of them.
  absl::Status add(Narrowing narrowing, const Asker& asker);

  bool empty() const { return all_.empty() && places_.empty() && ended_.empty(); }
  Scope over(const Asker& asker, BootTime now) const;
  /// Whether every narrowing over the asker leaves it the item.
  bool leaves(const Asker& asker, const ItemId& item) const;
  /// It descends from a root that has ended, or is an orphan where a narrowed tree lived: what it
  /// gave up is not known any more.
  bool may_have_left(const Asker& asker) const;

  /// Those whose root still runs.
  const std::vector<Narrowing>& all();
  /// Consent ends at lock; what was given up does not come back.
  void locked();

 private:
  /// Where a narrowed tree lived.
  struct Place {
    AskerSession session;
    std::string unit;
  };
  void drop_ended();

  std::vector<Narrowing> all_;
  std::vector<Place> places_;
  std::set<std::pair<pid_t, std::uint64_t>> ended_;  ///< roots, for who was seen before they ended
};

}  // namespace tacit
