// Whether a program may do what it asks for: policies, grants, agents, narrowings, the user.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/access/askers.h"
#include "daemon/access/audit.h"
#include "daemon/access/collection_book.h"
#include "daemon/access/grants.h"
#include "daemon/access/judge.h"
#include "daemon/access/narrowings.h"
#include "daemon/access/prompters.h"
#include "daemon/access/rules.h"
#include "daemon/access/verbs.h"
#include "daemon/vault/vault.h"

namespace tacit {

/// What is asked: by whom, what for, of which items. References are good until `authorize` has
/// returned; what outlives that is copied.
struct AccessRequest {
  AskerLookup& asker;       ///< lives until the verdict
  std::string_view method;  ///< `Secrets.Get`; of static storage
  Verb verb = Verb::kNone;
  std::span<const ItemName> items{};          ///< empty: `collection`, or everything
  std::span<const std::uint64_t> versions{};  ///< one for each item, 0 is the newest; empty: newest
  std::optional<std::string> collection{};    ///< for a call about a collection as such
  bool filtered = false;      ///< about everything, and shows only what its Filter lets pass
  bool each = false;          ///< some items may be refused while others are served
  bool rules_alone = false;   ///< tells what guards the items, not of them: policies do not count
  bool unlock_alone = false;  ///< decides nothing: has the vault unlocked, if the user may be asked
  bool may_ask = false;       ///< the user may be asked before the answer
  bool told_later = false;    ///< what it changes is noted by `note_change`, if it is let in
  bool by_credential = false;  ///< administration: who asks proves itself by a credential, too
  bool inherits = false;       ///< items are judged where they are found (Vault::inherited)
  bool bulk = false;           ///< nobody named the items: an agent gets what it was granted alone
  bool whole = false;          ///< of a collection: the rules of its items count, too
  AdminChange planned{};  ///< what it would change: for the question and for a refusal's record
  /// Not 0: to be read by the whole process tree for so long, which the question says.
  std::chrono::milliseconds lifetime{0};
};

/// What was decided.
struct AccessVerdict {
  /// OK, or kPolicyDenied, kUserDenied, kNoPrompter, kLocked, or as of a write for administration.
  absl::Status status{};
  std::vector<absl::Status> items{};  ///< with `each`: one for each item
  std::shared_ptr<const Asker> asker{};
  std::set<std::string> consented{};  ///< collections that the user said yes to for this call
  std::set<std::string> places{};     ///< collections in which items were found and allowed
  /// With a lifetime: one for each item, until when what let it in holds for the process tree; past
  /// where each read is to be judged by itself.
  std::vector<BootTime> hold_until{};
  bool everything = false;  ///< the user, or a grant, said yes to all of them at once
  std::string rule{};       ///< of administration and with `told_later`: what let it in
};

/// What a program that has a terminal would have asked there.
struct TerminalAsk {
  Verb verb = Verb::kNone;
  std::span<const ItemName> items{};
  std::span<const std::uint64_t> versions{};  ///< as in AccessRequest
  std::chrono::milliseconds lifetime{0};      ///< as in AccessRequest
};

/// Called exactly once, at once if nothing has to wait; else later, on the vault thread. What holds
/// before it is to be asked again in it: the vault may have been locked meanwhile.
using Verdict = std::function<void(const AccessVerdict&)>;
/// One request that waits; 0: none does.
using AccessTicket = std::uint64_t;

/// Owned by the vault thread.
class Access {
 public:
  struct Setup {
    std::function<absl::StatusOr<Vault*>()> vault;  ///< the lock gate
    Grants::Setup grants;
    Narrowings::Setup narrowings;
    Rule default_rule;
    /// Takes a record that another room keeps beside the policies. None: it is not one of these;
    /// false: it cannot be read.
    std::function<std::optional<bool>(const Vault::PolicyChange&)> other_record{};
  };
  explicit Access(Setup setup);
  ~Access();

  /// Who asks the user, and who writes down what was decided. Both outlive this object.
  void connect(Prompters* prompters, Audit* audit);

  /// The vault was unlocked: reads what is kept there. Until that has succeeded nothing is served.
  absl::Status unlocked(Vault& vault);
  /// Forgets it, and what the user answered; ends what waits.
  void locked();
  /// Ends what waits.
  void stop(const absl::Status& why);

  AccessTicket authorize(const AccessRequest& request, Verdict verdict);
  /// Before a change that was let in with `told_later`: writes down what it is. Errors: as of a
  /// write, and then nothing must be changed.
  absl::Status note_change(const AccessVerdict& call, std::string_view method,
                           const AdminChange& change);
  /// Nothing came of a change that was written down: it failed with `why`.
  void note_undone(const AccessVerdict& call, std::string_view method, const AdminChange& change,
                   const absl::Status& why);
  /// Who waits has gone: the verdict is not called any more.
  void give_up(AccessTicket ticket);

  /// What the rules say of one case, for `Explain` and for the question of a terminal. Writes
  /// nothing down. `where` without a name: the collection.
  absl::StatusOr<Judgement> explain(const Asker& asker, Verb verb, const ItemName& where) const;
  /// The question that stands between a program and these items, as `authorize` would put it;
  /// nothing: there is none. Errors: kPolicyDenied; as of a read.
  absl::StatusOr<std::optional<Question>> question_for(const std::shared_ptr<const Asker>& asker,
                                                       const TerminalAsk& about) const;
  /// The answer to such a question, which no call waits for. kOnce holds for this process, once
  /// for each of the question's items or the next call, for a minute.
  absl::Status settle(const Question& question, Decision decision);
  /// Writes down such an answer, or that there was none.
  void note_answer(const Question& question, std::string_view rule, bool allowed);

  /// Whether the asker's process tree was narrowed, or may have left one that was.
  bool narrowed(const Asker& asker) const {
    return narrowings_.over(asker, setup_.grants.boot_now()).narrowed ||
           narrowings_.may_have_left(asker);
  }

  /// Whether the item is there and no rule hides it from the asker's lists; it may have to ask.
  absl::StatusOr<bool> may_be_listed(const Asker& asker, const ItemName& where) const;

  /// Whether a row of a list is shown: read again for each, since rules change.
  bool shows(const AccessVerdict& call, const ItemMetadata& row, Verb verb = Verb::kList) const;
  bool shows(const AccessVerdict& call, const std::string& collection) const;
  /// Whether the item may still be read by a call that was allowed to: rules may have been
  /// tightened while it waited.
  absl::Status still(const AccessVerdict& call, const ItemName& where, std::uint64_t version,
                     bool inherits = false) const;

  /// The policy in force for reading.
  Policy read_policy(const ItemMetadata& item) const;
  /// Reading it gives everybody away: to be written down and told by `decoy_was_read`.
  bool decoy(const ItemMetadata& item) const;
  void decoy_was_read(const std::shared_ptr<const Asker>& asker, std::string_view method,
                      const ItemName& where);

  /// Administration that changes rules goes through these, behind the lock gate.
  Rules& rules() { return rules_; }
  Grants& grants() { return grants_; }
  Narrowings& narrowings() { return narrowings_; }
  CollectionBook& collections() { return collections_; }

 private:
  struct Request;

  void step(AccessTicket ticket);
  bool open_to(const Asker& asker) const;
  /// One item as somebody looks at it.
  struct Look {
    const Asker& asker;
    Verb verb = Verb::kNone;
    const ItemName& where;
    std::uint64_t version = 0;
    bool consented = false;
    bool rules_alone = false;
    bool told = false;                     ///< to people: a decoy looks like any other item
    const std::string* through = nullptr;  ///< the collection it was asked for in
  };
  absl::StatusOr<Judgement> judge_item(Vault& vault, const Look& look) const;
  AccessVerdict judge_all(Request& request, Vault& vault, std::optional<Question>& question);
  /// Finds the items anew, as rows may have changed while the user was asked.
  static absl::Status find_places(Request& request, Vault& vault);
  /// The strictest of a collection and of the items in it that have rules of their own.
  absl::StatusOr<Judgement> judge_whole(Vault& vault, const Request& request,
                                        Judgement collection) const;
  /// Until when what `judgement` let in holds for a process tree.
  BootTime holds_until(const Request& request, std::size_t item, const Judgement& judgement) const;
  /// `item`: its position; beyond the last: of no single one.
  absl::Status note(const Request& request, std::size_t item, const Judgement& judgement,
                    bool allowed);
  /// Refused because the vault is locked: which items is not written down.
  void note_locked(const Request& request, std::string_view rule);
  void ask(AccessTicket ticket, Question question);
  void answered(AccessTicket ticket, const Question& question, absl::StatusOr<Reply> reply);
  void finish(AccessTicket ticket, AccessVerdict verdict);

  Setup setup_;
  Rules rules_;
  Grants grants_;
  Narrowings narrowings_;
  CollectionBook collections_;
  Judge judge_;
  Prompters* prompters_ = nullptr;
  Audit* audit_ = nullptr;
  absl::Status loaded_;  ///< why nothing is served though the vault is unlocked
  std::map<AccessTicket, std::unique_ptr<Request>> waiting_;
  AccessTicket last_ticket_ = 0;
};

}  // namespace tacit
