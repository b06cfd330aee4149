// The one place where it is decided whether a program may do what it asks for; `explain` asks the
// same. Changes nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/access/asker.h"
#include "daemon/access/grants.h"
#include "daemon/access/narrowings.h"
#include "daemon/access/rules.h"

namespace tacit {

enum class Outcome { kAllow, kAsk, kConfirm, kDeny };
/// `allow`, `ask`, `confirm`, `deny`.
std::string_view outcome_name(Outcome outcome) noexcept;

struct Judgement {
  Outcome outcome = Outcome::kDeny;
  std::string rule;         ///< for the log: `open`, `grant 3`, `agent`, `deny`
  std::string why;          ///< in words, without a name of a secret
  std::uint64_t grant = 0;  ///< to be counted before the answer; 0: none
};

/// One verb over one item or one collection.
struct Case {
  const Asker& asker;
  Verb verb = Verb::kNone;
  const Guard& guard;
  const std::string& collection;
  const ItemId* item = nullptr;  ///< null: the collection as such, or an item that is not there
  bool one_item = false;         ///< asked of a single item, there or not
  bool consented = false;        ///< the user said yes to this very call
  bool told = false;             ///< to people: a decoy looks like any other item
};

class Judge {
 public:
  /// References outlive it.
  Judge(const Grants& grants, const Narrowings& narrowings)
      : grants_(grants), narrowings_(narrowings) {}

  Judgement judge(const Case& which, BootTime now) const;
  /// Of everything at once: lists over all collections, watches, copies, the log.
  struct Bulk {
    const Asker& asker;
    Verb verb = Verb::kNone;
    const Guard& guard;      ///< of the default
    bool filtered = false;   ///< the call shows only what `judge` allows, row by row
    bool consented = false;  ///< as above
  };
  Judgement judge_bulk(const Bulk& which, BootTime now) const;
  /// Administration. `by_credential`: it comes with one, by which a program that is not known
  /// proves itself. `consented`: as above.
  Judgement judge_admin(const Asker& asker, bool by_credential, bool consented, BootTime now) const;

  /// Why it has to ask although it is open to others; empty: it has not.
  std::string suspicion(const Asker& asker) const;

 private:
  const Grants& grants_;
  const Narrowings& narrowings_;
};

}  // namespace tacit
