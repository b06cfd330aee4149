#include "daemon/rpc/access_convert.h"

#include <algorithm>
#include <filesystem>

#include "daemon/access/shown.h"
#include "daemon/base/status.h"
#include "daemon/rpc/convert.h"

namespace tacit {
namespace {

constexpr std::size_t kMaxPathBytes = 4096;

UnixMillis wall_time(BootTime when, const GrantTimes& times) {
  if (when == BootTime::max()) return 0;
  return times.wall_now +
         std::chrono::duration_cast<std::chrono::milliseconds>(when - times.boot_now).count();
}

std::string session_in_words(const AskerSession& session) {
  switch (session.kind) {
    case AskerSession::Kind::kTerminal:
      return "terminal session " + std::to_string(session.leader);
    case AskerSession::Kind::kUnit:
      return "unit " + shown(session.unit);
    case AskerSession::Kind::kProcess:
      return "process " + std::to_string(session.leader);
  }
  return {};
}

}  // namespace

absl::StatusOr<ItemName> subject_from(const v1::Subject& subject) {
  v1::ItemRef ref;
  ref.set_collection(subject.collection());
  // A collection's name has the rules of an item's.
  ref.set_name(subject.has_name() ? subject.name() : "collection");
  absl::StatusOr<ItemName> where = item_name_from(ref);
  if (where.ok() && !subject.has_name()) where->name.clear();
  return where;
}

absl::StatusOr<Verb> ruled_verb_from(v1::Verb verb) {
  switch (verb) {
    case v1::VERB_LIST:
      return Verb::kList;
    case v1::VERB_READ:
      return Verb::kRead;
    case v1::VERB_WRITE:
      return Verb::kWrite;
    default:
      return invalid(
          "a policy or grant speaks of the verbs list, read and write; administration is by "
          "credential");
  }
}

v1::Verb to_proto(Verb verb) { return static_cast<v1::Verb>(static_cast<int>(verb)); }

absl::StatusOr<Rule> changed_by(Rule rule, const v1::SetPolicyRequest& request) {
  for (const v1::VerbPolicy& change : request.policies()) {
    const absl::StatusOr<Verb> verb = ruled_verb_from(change.verb());
    if (!verb.ok()) return verb.status();
    if (change.policy() < v1::POLICY_OPEN || change.policy() > v1::POLICY_DENY) {
      return invalid("a policy is open, ask, confirm, pinned or deny");
    }
    rule.set_policy(*verb, static_cast<Policy>(change.policy()));
  }
  if (request.set_pinned()) {
    if (static_cast<std::size_t>(request.pinned_size()) > kMaxPinned) {
      return invalid("at most " + std::to_string(kMaxPinned) + " programs can be pinned");
    }
    rule.pinned.assign(request.pinned().begin(), request.pinned().end());
    for (std::string& path : rule.pinned) {
      const std::filesystem::path given(path);
      if (!given.is_absolute() || path.size() > kMaxPathBytes ||
          path.find('\0') != std::string::npos || given.lexically_normal() != given) {
        return invalid(
            "a pinned program is an absolute path without `.` and `..`, as `/proc/PID/exe` tells "
            "it");
      }
    }
    std::ranges::sort(rule.pinned);
    rule.pinned.erase(std::unique(rule.pinned.begin(), rule.pinned.end()), rule.pinned.end());
  }
  if (request.has_tripwire()) {
    if (request.tripwire() && !request.subject().has_name()) {
      return invalid("only an item can be a decoy; name one");
    }
    rule.tripwire = request.tripwire();
  }
  if (std::ranges::count(rule.policies, Policy::kPinned) != 0 && rule.pinned.empty()) {
    return invalid("policy pinned needs the programs that may; use deny to refuse them all");
  }
  return rule;
}

void fill(const Grant& from, const GrantTimes& times, v1::Grant& to) {
  to.set_id(from.id);
  to.set_denied(from.denied);
  to.set_prepared(from.prepared);
  for (const Verb verb : kRuledVerbs) {
    // A denial for good is of them all.
    if (from.denied || (from.verbs & verb_bit(verb)) != 0) to.add_verbs(to_proto(verb));
  }
  to.set_collection(from.collection);
  for (const ItemName& name : from.names) to.add_items(name.name);
  const std::string& script = from.program.script;
  const std::string& program = from.prepared    ? from.path
                               : script.empty() ? from.program.executable
                                                : script;
  to.set_program(shown(program, kMaxPathBytes));
  to.set_pid(from.prepared ? from.root : from.program.process);
  if (!from.prepared && !from.denied) to.set_session(session_in_words(from.session));
  to.set_created_unix_ms(from.created);
  to.set_expires_unix_ms(wall_time(from.until, times));
  if (!from.prepared && !from.denied) {
    to.set_idle_expires_unix_ms(wall_time(from.last_used + times.idle, times));
  }
  to.set_unlimited_uses(!from.uses_left);
  to.set_uses_left(from.uses_left.value_or(0));
}

void fill(const Narrowing& from, const GrantTimes& times, v1::Grant& to) {
  to.set_id(from.id);
  to.set_narrowing(true);
  to.add_verbs(v1::VERB_LIST);
  to.add_verbs(v1::VERB_READ);
  for (const ItemName& name : from.names) {
    to.set_collection(from.names.front().collection);
    to.add_items(name.collection == from.names.front().collection
                     ? name.name
                     : name.collection + "/" + name.name);
  }
  to.set_pid(from.root);
  to.set_created_unix_ms(from.created);
  to.set_expires_unix_ms(wall_time(from.until, times));
  to.set_unlimited_uses(true);
}

}  // namespace tacit
