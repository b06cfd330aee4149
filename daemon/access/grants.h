// Standing answers: what programs may do without the user being asked again, and what was denied
// for good.
#pragma once
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/asker.h"
#include "daemon/access/verbs.h"
#include "daemon/os/boot_time.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// One bit for each verb.
using VerbSet = std::uint8_t;
constexpr VerbSet verb_bit(Verb verb) { return static_cast<VerbSet>(1u << static_cast<int>(verb)); }

/// What a grant given by an answer holds on to: the very files that ran, where they ran.
struct ProgramIdentity {
  std::string executable;
  FileId file;
  std::string script;
  FileId script_file;
  pid_t process = 0;  ///< not 0: this process alone (what it runs has no name)
  std::uint64_t process_start = 0;
  bool agent = false;  ///< in a coding agent's tree: what was said outside does not hold inside
  bool operator==(const ProgramIdentity&) const = default;
};
/// Of the program that asks.
ProgramIdentity identity_of(const Asker& asker);
/// Whether `path` is what runs, or the script that is run; false where that cannot be known.
bool names_program(const Program& program, std::string_view path);

struct Grant {
  std::uint64_t id = 0;
  bool denied = false;
  VerbSet verbs = 0;
  std::string collection;
  UnixMillis created = 0;
  BootTime until{};  ///< ends then, whatever the wall clock says

  // By an answer: until lock.
  ProgramIdentity program;
  AskerSession session;
  BootTime last_used{};
  bool once = false;  ///< for the next call of the process tree below `root`, which was asked for
  std::chrono::milliseconds tree_lifetime{0};  ///< with `once`: as of Question::lifetime

  // Made beforehand: kept in the vault.
  bool prepared = false;
  std::vector<ItemId> items;    ///< empty: all of the collection
  std::vector<ItemName> names;  ///< of the items, as they were called
  std::string path;             ///< executable or script; empty: `root`
  pid_t root = 0;               ///< of a process tree
  std::uint64_t root_start = 0;
  UnixMillis expires = 0;
  std::string boot_id;  ///< of the boot that `until` and `root` belong to
  std::optional<std::uint64_t> uses_left;
};

/// Prepared grants and denials as stored (FORMAT.md, policy records). Decoding is exact.
SecretBytes encode_grant(const Grant& grant);
std::optional<Grant> decode_grant(const SecretBytes& record);

/// The subject that grants are kept under, each as a version of its own.
inline constexpr Vault::SubjectId kGrantSubject = {'t', 'a', 'c', 'i', 't', ' ', 'g', 'r',
                                                   'a', 'n', 't', 's', 0,   0,   0,   0};

/// Vault thread.
class Grants {
 public:
  struct Setup {
    std::function<BootTime()> boot_now;
    std::function<UnixMillis()> wall_now;
    std::string boot_id;
    std::chrono::nanoseconds idle;      ///< a session's grant ends if not used for so long
    std::chrono::nanoseconds lifetime;  ///< and in any case
  };
  explicit Grants(Setup setup) : setup_(std::move(setup)) {}

  /// Takes one record of the vault. False: it is none.
  bool load(const Vault::PolicyChange& record);
  /// The vault was locked.
  void clear();

  /// What was asked, for one item or (no item) a collection as such.
  struct Use {
    const Asker& asker;
    Verb verb = Verb::kNone;
    const std::string& collection;
    const ItemId* item = nullptr;
    bool each_use = false;  ///< only a grant made beforehand that names the item counts
  };
  const Grant* denial(const Use& use) const;
  /// A grant that allows it now; one without counted uses before one with.
  const Grant* allowing(const Use& use) const;
  /// Any grant of the asker for the verb, whatever the collection.
  bool any(const Asker& asker, Verb verb) const;
  /// Before the answer: counts one use, durably where uses are counted. Errors: as of a write.
  absl::Status used(Vault& vault, std::uint64_t id);

  /// The user's answers.
  std::uint64_t allow_session(const Asker& asker, Verb verb, const std::string& collection);
  /// For the next call of the asker's process, within a minute.
  std::uint64_t allow_once(const Asker& asker, Verb verb, const std::string& collection,
                           std::chrono::milliseconds tree_lifetime = {});
  absl::StatusOr<std::uint64_t> deny_always(Vault& vault, const Asker& asker,
                                            const std::string& collection);
  /// Made beforehand: `lifetime` from now on. Errors: kLimit; as of a write.
  absl::StatusOr<std::uint64_t> prepare(Vault& vault, Grant grant,
                                        std::chrono::milliseconds lifetime);

  /// What a collection's new name, or (none) its end, does to them: grants and denials go along,
  /// grants left for the new name end; at its end denials stay. The records are to be written in
  /// the same transaction, then `moved` to be told.
  struct Moved {
    std::vector<Vault::PolicyChange> records;
    std::vector<Grant> all;
  };
  Moved plan_move(const std::string& from, const std::optional<std::string>& to) const;
  void moved(Moved planned);

  /// Those in force.
  std::vector<Grant> all() const;
  std::optional<Grant> find(std::uint64_t id) const;
  /// Nothing happens if it is gone. Errors: as of a write.
  absl::Status revoke(Vault& vault, std::uint64_t id);
  std::uint64_t next_id() { return ++last_id_; }
  /// Narrowings are numbered together with grants.
  void number_after(std::uint64_t id) { last_id_ = std::max(last_id_, id); }
  /// What `next_id` gives next.
  std::uint64_t coming_id() const { return last_id_ + 1; }
  std::chrono::nanoseconds idle() const { return setup_.idle; }

 private:
  Grant& add_answer(const Asker& asker, VerbSet verbs, const std::string& collection);
  bool over(const Grant& grant) const;
  bool matches(const Grant& grant, const Asker& asker) const;
  absl::Status store(Vault& vault, const Grant& grant);
  void drop_ended();

  const Setup setup_;
  std::vector<Grant> all_;
  std::uint64_t last_id_ = 0;
};

}  // namespace tacit
