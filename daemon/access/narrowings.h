// Process trees that gave up what they may read, but for some items.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/asker.h"
#include "daemon/os/boot_time.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// What one process tree may read at most.
struct Narrowing {
  std::uint64_t id = 0;
  pid_t root = 0;
  std::uint64_t root_start = 0;  ///< clock ticks since boot
  CgroupId cgroup{};             ///< of the root
  std::vector<ItemId> items;
  std::vector<ItemName> names;  ///< of the items, as they were called
  BootTime until{};             ///< after that nothing may be read
  UnixMillis created = 0;
  /// Of the items, until when the user's consent holds for the tree; all of it until lock.
  std::vector<std::pair<ItemId, BootTime>> consented;
};

/// Where and when a narrowed tree lived: what it started may live on without its parents, and what
/// that gave up is not known any more.
struct NarrowedPast {
  CgroupId cgroup{};
  std::uint64_t from = 0;  ///< clock ticks since boot, all three; the first of its roots started
  std::uint64_t to = 0;    ///< the last of them ended
  std::uint64_t last_from = 0;  ///< the last of them started
};

/// As stored (FORMAT.md, policy records): of one boot, whose id is `boot`. Decoding is exact. A
/// narrowing that is too long for one record is several, with an id in common.
struct NarrowingRecord {
  std::string boot;
  std::optional<Narrowing> narrowing;  ///< else `past`
  NarrowedPast past;
};
std::vector<SecretBytes> encode_narrowing(const std::string& boot, const Narrowing& narrowing);
SecretBytes encode_past(const std::string& boot, const NarrowedPast& past);
std::optional<NarrowingRecord> decode_narrowing(const SecretBytes& record);

/// The subject that they are kept under, each record as a version of its own.
inline constexpr Vault::SubjectId kNarrowingSubject = {'t', 'a', 'c', 'i', 't', ' ', 'n', 'a',
                                                       'r', 'r', 'o', 'w', 'i', 'n', 'g', 0};

/// Vault thread. Nothing here is taken back while the machine runs, not even by the end of the
/// daemon: it is kept in the vault.
class Narrowings {
 public:
  /// One process, now and for ever.
  using Root = std::pair<pid_t, std::uint64_t>;
  struct Setup {
    std::function<BootTime()> boot_now;
    std::string boot_id;
    /// Calls back on the vault thread once that process has ended, at the earliest after it has
    /// returned; may be unable to.
    std::function<void(Root, std::function<void()>)> when_ended;
  };
  explicit Narrowings(Setup setup) : setup_(std::move(setup)) {}

  /// What the narrowings over one asker leave it, together.
  struct Scope {
    bool narrowed = false;
    bool expired = false;  ///< nothing is left
    std::uint64_t id = 0;  ///< of the innermost
  };

  /// Durable when it returns OK. Errors: kLimit, too many of them; as of a write.
  absl::Status add(Vault& vault, Narrowing narrowing);
  /// Takes one record of the vault. False: it is none.
  bool load(const Vault::PolicyChange& record);
  /// The vault was locked: forgets what is kept there, to be loaded again.
  void locked();

  bool empty() const { return all_.empty() && past_.empty() && ended_.empty(); }
  Scope over(const Asker& asker, BootTime now) const;
  /// Whether every narrowing over the asker leaves it the item.
  bool leaves(const Asker& asker, const ItemId& item) const;
  /// Whether the user consented to the item for every narrowing over the asker: it needs no
  /// question but for kConfirm.
  bool consented(const Asker& asker, const ItemId& item, BootTime now) const;
  /// From now on nothing is left of it. False: there is none of that number. Errors: as of a write.
  absl::StatusOr<bool> close(Vault& vault, std::uint64_t id);
  /// It descends from a root that has ended, or from a process that lost its parents and may have
  /// been started in a narrowed tree: what it gave up is not known any more.
  bool may_have_left(const Asker& asker) const;

  /// Those whose root still runs.
  std::vector<Narrowing> all() const;
  /// The greatest there is; 0: none.
  std::uint64_t last_id() const;

 private:
  /// As long as its root runs, and a moment longer.
  struct Kept {
    Narrowing narrowing;
    std::vector<std::uint64_t> records;  ///< their versions
  };
  struct Past {
    NarrowedPast past;
    std::uint64_t record = 0;
    bool changed = false;  ///< since it was written
  };

  /// Without an end as long as its root runs.
  NarrowedPast past_of(const Kept& kept) const;
  /// An orphan of a tree that was narrowed within another narrowed tree.
  bool may_be_adopted_by_root(const Asker& asker) const;
  void watch(const Narrowing& narrowing);
  void root_ended(Root root);
  static void remember(std::vector<Past>& past, const NarrowedPast& one, std::uint64_t record);
  /// Turns what has ended into the past, and drops what is of another boot.
  absl::Status tidy(Vault& vault);
  std::uint64_t now_in_ticks() const;

  const Setup setup_;
  std::vector<Kept> all_;
  std::vector<Past> past_;
  std::vector<std::uint64_t> stale_;     ///< records of other boots
  std::map<Root, std::uint64_t> ended_;  ///< when, in clock ticks; for who was seen before that
  std::set<Root> watched_;
  std::uint64_t last_record_ = 0;
};

}  // namespace tacit
