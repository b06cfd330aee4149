#include "daemon/access/judge.h"

#include <algorithm>

namespace tacit {
namespace {

Judgement allow(std::string rule, std::string why, std::uint64_t grant = 0) {
  return {Outcome::kAllow, std::move(rule), std::move(why), grant};
}
Judgement deny(std::string rule, std::string why) {
  return {Outcome::kDeny, std::move(rule), std::move(why), 0};
}

std::string policy_of(Guard::Source source) {
  switch (source) {
    case Guard::Source::kDefault:
      return "the default policy (access.default_policy)";
    case Guard::Source::kCollection:
      return "the collection's policy";
    case Guard::Source::kItem:
      return "the item's policy";
    case Guard::Source::kVersion:
      return "the policy that this version once had";
  }
  return {};
}

Judgement narrowed_away(std::string why) { return deny("narrowed", std::move(why)); }

/// The narrowings' word on one case; allow means that nothing stands against it.
Judgement by_narrowing(const Narrowings& narrowings, const Narrowings::Scope& scope,
                       const Case& which) {
  if (!scope.narrowed) return allow({}, {});
  if (scope.expired) {
    return narrowed_away("what this process tree was narrowed to has run out of time");
  }
  if (which.verb != Verb::kRead && which.verb != Verb::kList) {
    return narrowed_away("this process tree was narrowed to reading some items (`run --grant`)");
  }
  const bool left = which.item != nullptr && narrowings.leaves(which.asker, *which.item);
  if (which.one_item && !left) {
    return narrowed_away("this process tree was narrowed to other items (`run --grant`)");
  }
  return allow({}, {});
}

}  // namespace

std::string_view outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kAllow:
      return "allow";
    case Outcome::kAsk:
      return "ask";
    case Outcome::kConfirm:
      return "confirm";
    case Outcome::kDeny:
      return "deny";
  }
  return "deny";
}

std::string Judge::suspicion(const Asker& asker) const {
  if (asker.agent()) {
    return "it runs in the process tree of a coding agent (" + asker.agent_marker + ")";
  }
  if (!asker.known()) return "the program that asks is not known: " + asker.unknown_because;
  if (narrowings_.may_have_left(asker)) {
    return "it may have left a process tree that was narrowed (`run --grant`)";
  }
  return {};
}

Judgement Judge::judge(const Case& which, BootTime now) const {
  const Asker& asker = which.asker;
  const Narrowings::Scope scope = narrowings_.over(asker, now);
  if (Judgement word = by_narrowing(narrowings_, scope, which); word.outcome == Outcome::kDeny) {
    return word;
  }
  const Guard::Strictest policy = which.guard.policy(which.verb);
  if (policy.policy == Policy::kDeny) {
    return deny("deny", policy_of(policy.source) + " refuses every program (deny)");
  }
  for (const Guard::Part& part : which.guard.parts()) {
    if (part.rule->policy_for(which.verb) != Policy::kPinned) continue;
    const bool listed = std::ranges::any_of(part.rule->pinned, [&](const std::string& path) {
      return names_program(asker.asking(), path);
    });
    if (!listed) {
      return deny("pinned", policy_of(part.source) + " lists other programs (pinned)");
    }
  }
  if (which.verb == Verb::kRead && which.one_item && !which.told && which.guard.tripwire()) {
    return allow("tripwire", "it is open to this program");
  }

  Guard::Strictest asks = which.guard.asks(which.verb);
  std::string rule = asks.policy == Policy::kConfirm ? "confirm" : "ask";
  std::string why = policy_of(asks.source) + (asks.policy == Policy::kConfirm
                                                  ? " asks for each use (confirm)"
                                                  : " asks for each program once (ask)");
  if (asks.policy == Policy::kOpen) {
    if (why = suspicion(asker); !why.empty()) {
      rule = asker.agent() ? "agent" : "unknown";
      asks.policy = Policy::kAsk;
    }
  }
  if (asks.policy == Policy::kOpen) {
    const bool pinned = policy.policy == Policy::kPinned;
    return allow(pinned ? "pinned" : "open",
                 pinned ? policy_of(policy.source) + " lists this program (pinned)"
                        : "it is open to every program of the user");
  }

  const Grants::Use use{asker, which.verb, which.collection, which.item,
                        asks.policy == Policy::kConfirm};
  if (const Grant* denial = grants_.denial(use)) {
    return deny("denial " + std::to_string(denial->id),
                "the user refused this program for good (denial " + std::to_string(denial->id) +
                    "; `tacit grants` takes it back)");
  }
  if (which.consented) return allow("user: once", "the user said yes");
  if (const Grant* grant = grants_.allowing(use)) {
    const std::string name = "grant " + std::to_string(grant->id);
    return allow(name, name + " allows it; without it: " + why, grant->id);
  }
  if (asks.policy == Policy::kAsk && which.item != nullptr &&
      narrowings_.consented(asker, *which.item, now)) {
    return allow("narrowing " + std::to_string(scope.id),
                 "this process tree was narrowed to it, with the user's consent");
  }
  return {asks.policy == Policy::kConfirm ? Outcome::kConfirm : Outcome::kAsk, std::move(rule),
          std::move(why), 0};
}

Judgement Judge::judge_bulk(const Bulk& which, BootTime now) const {
  const Asker& asker = which.asker;
  const Narrowings::Scope scope = narrowings_.over(asker, now);
  if (scope.expired) {
    return narrowed_away("what this process tree was narrowed to has run out of time");
  }
  if (scope.narrowed && (!which.filtered || which.verb != Verb::kList)) {
    return narrowed_away("this process tree was narrowed to reading some items (`run --grant`)");
  }
  const Guard::Strictest policy = which.guard.policy(which.verb);
  if (policy.policy == Policy::kDeny) {
    return deny("deny", policy_of(policy.source) + " refuses every program (deny)");
  }
  if (scope.narrowed) return allow("narrowed", "only what it was narrowed to is shown");
  if (asker.agent()) {
    if (which.filtered && grants_.any(asker, which.verb)) {
      return allow("agent", "only what it was granted is shown");
    }
    return deny("agent", "a coding agent's process tree (" + asker.agent_marker +
                             ") gets nothing in bulk without a grant; name what is needed");
  }
  std::string why = suspicion(asker);
  const bool by_default = policy.policy != Policy::kOpen;
  if (why.empty() && !by_default) return allow("open", "what needs no question is shown");
  const std::string everything;
  const Grants::Use use{asker, which.verb, everything, nullptr, false};
  if (const Grant* denial = grants_.denial(use)) {
    return deny("denial " + std::to_string(denial->id), "the user refused this program for good");
  }
  if (which.consented) return allow("user: once", "the user said yes");
  if (const Grant* grant = grants_.allowing(use)) {
    const std::string name = "grant " + std::to_string(grant->id);
    return allow(name, name + " allows it", grant->id);
  }
  const bool each_use = policy.policy == Policy::kConfirm;
  return {each_use ? Outcome::kConfirm : Outcome::kAsk, by_default ? "default" : "unknown",
          by_default ? policy_of(policy.source) + " asks" : std::move(why), 0};
}

Judgement Judge::judge_admin(const Asker& asker, bool by_credential, bool consented,
                             BootTime now) const {
  if (narrowings_.over(asker, now).narrowed) {
    return narrowed_away("this process tree was narrowed to reading some items (`run --grant`)");
  }
  const bool left = narrowings_.may_have_left(asker);
  if (!asker.agent() && !left && (asker.known() || by_credential)) {
    return allow("admin", "administration is the user's own programs'");
  }
  const std::string everything;
  const Grants::Use use{asker, Verb::kAdmin, everything, nullptr, true};
  if (const Grant* denial = grants_.denial(use)) {
    return deny("denial " + std::to_string(denial->id), "the user refused this program for good");
  }
  if (consented) return allow("user: once", "the user said yes");
  return {Outcome::kConfirm, asker.agent() ? "agent" : "unknown", suspicion(asker), 0};
}

}  // namespace tacit
