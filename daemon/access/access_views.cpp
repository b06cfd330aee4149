// What access says without deciding a call: explanations, rows of lists, decoys, terminals.
#include <algorithm>
#include <utility>

#include "daemon/access/access.h"
#include "daemon/access/asked_names.h"
#include "daemon/base/status.h"

namespace tacit {

absl::StatusOr<Judgement> Access::explain(const Asker& asker, Verb verb,
                                          const ItemName& where) const {
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) return vault.status();
  if (!loaded_.ok()) return loaded_;
  const BootTime now = setup_.grants.boot_now();
  if (verb == Verb::kAdmin) return judge_.judge_admin(asker, false, false, now);
  if (!where.name.empty()) {
    // Reading and describing go to where the item is found.
    absl::StatusOr<ItemName> place = where;
    if (verb == Verb::kRead || verb == Verb::kList) place = (*vault)->inherited(where);
    if (!place.ok()) return place.status();
    return judge_item(**vault, {.asker = asker,
                                .verb = verb,
                                .where = *place,
                                .told = true,
                                .through = &where.collection});
  }
  const Guard guard = rules_.of_collection((*vault)->collection_id(where.collection));
  return judge_.judge(
      {.asker = asker, .verb = verb, .guard = guard, .collection = where.collection}, now);
}

absl::StatusOr<bool> Access::may_be_listed(const Asker& asker, const ItemName& where) const {
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) return vault.status();
  const absl::StatusOr<std::optional<Vault::ItemIds>> found = (*vault)->find(where);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return false;
  if (!loaded_.ok()) return loaded_;
  const absl::StatusOr<Judgement> judged =
      judge_item(**vault, {.asker = asker, .verb = Verb::kList, .where = where, .told = true});
  if (!judged.ok()) return judged.status();
  return judged->outcome != Outcome::kDeny;
}

absl::StatusOr<std::optional<Question>> Access::question_for(
    const std::shared_ptr<const Asker>& asker, const TerminalAsk& about) const {
  const Verb verb = about.verb;
  std::optional<Question> question;
  AskedNames names;
  bool everything = false;
  for (std::size_t i = 0; i < about.items.size(); ++i) {
    const ItemName& asked = about.items[i];
    const std::uint64_t version = i < about.versions.size() ? about.versions[i] : 0;
    // A read goes to where the item is found, and so does its question.
    absl::StatusOr<ItemName> place = asked;
    const absl::StatusOr<Vault*> vault = setup_.vault();
    if (!vault.ok()) return vault.status();
    const bool listed = verb == Verb::kList && !asked.name.empty();
    const bool reads = verb == Verb::kRead && !asked.name.empty();
    if ((reads && version == 0) || listed) place = (*vault)->inherited(asked);
    if (!place.ok()) return place.status();
    absl::StatusOr<Judgement> judged = reads && loaded_.ok()
                                           ? judge_item(**vault, {.asker = *asker,
                                                                  .verb = verb,
                                                                  .where = *place,
                                                                  .version = version,
                                                                  .told = true,
                                                                  .through = &asked.collection})
                                           : explain(*asker, verb, asked);
    if (listed && judged.ok() && judged->outcome == Outcome::kAllow &&
        place->collection != asked.collection) {
      // Of the calls that list, the history does not go there.
      place = asked;
      judged = judge_item(**vault, {.asker = *asker, .verb = verb, .where = asked, .told = true});
    }
    const ItemName& item = *place;
    if (!judged.ok()) return judged.status();
    if (judged->outcome == Outcome::kDeny) {
      return make_error(Reason::kPolicyDenied, "refused: " + judged->why);
    }
    if (judged->outcome == Outcome::kAllow) continue;
    if (!question) {
      question.emplace();
      question->asker = asker;
      question->verb = verb;
      question->collection = item.collection;
      question->lifetime = about.lifetime;
    }
    if (item.collection != question->collection) continue;
    everything = everything || item.name.empty();
    names.add(item.name, version);
    question->each_use = question->each_use || judged->outcome == Outcome::kConfirm;
  }
  if (question && !everything) question->names = names.take();
  return question;
}

absl::Status Access::settle(const Question& question, Decision decision) {
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) return vault.status();
  note_answer(question, answer_rule(decision, question),
              decision == Decision::kOnce || decision == Decision::kSession);
  switch (decision) {
    case Decision::kDeny:
      break;
    case Decision::kDenyAlways:
      return grants_.deny_always(**vault, *question.asker, question.collection).status();
    case Decision::kSession:
      if (question.for_session()) {
        grants_.allow_session(*question.asker, question.verb, question.collection);
        break;
      }
      [[fallthrough]];
    case Decision::kOnce:
      grants_.allow_once(*question.asker, question.verb, question.collection, question.lifetime);
      break;
  }
  return absl::OkStatus();
}

void Access::note_answer(const Question& question, std::string_view rule, bool allowed) {
  if (audit_ == nullptr) return;
  AuditEntry entry;
  entry.asker = question.asker;
  entry.verb = question.verb;
  entry.method = "Access.Answer";
  entry.verdict = allowed ? AuditVerdict::kAllowed : AuditVerdict::kDenied;
  entry.rule = std::string(rule);
  entry.each_use = true;
  // Of many, the collection: the call that follows is noted with each.
  const ItemName subject{question.collection,
                         question.names.size() == 1 ? question.names.front() : std::string()};
  entry.item = &subject;
  audit_->note(entry).IgnoreError();
}

bool Access::shows(const AccessVerdict& call, const ItemMetadata& row, Verb verb) const {
  if (open_to(*call.asker)) return true;
  const Guard guard = rules_.of_item(row.collection_id, row.id, 0);
  const Judgement judged =
      judge_.judge({.asker = *call.asker,
                    .verb = verb,
                    .guard = guard,
                    .collection = row.where.collection,
                    .item = &row.id,
                    .one_item = true,
                    .consented = call.everything || call.consented.contains(row.where.collection)},
                   setup_.grants.boot_now());
  return judged.outcome == Outcome::kAllow;
}

bool Access::shows(const AccessVerdict& call, const std::string& collection) const {
  if (open_to(*call.asker)) return true;
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) return false;
  const Guard guard = rules_.of_collection((*vault)->collection_id(collection));
  const Judgement judged =
      judge_.judge({.asker = *call.asker,
                    .verb = Verb::kList,
                    .guard = guard,
                    .collection = collection,
                    .consented = call.everything || call.consented.contains(collection)},
                   setup_.grants.boot_now());
  return judged.outcome == Outcome::kAllow;
}

absl::Status Access::still(const AccessVerdict& call, const ItemName& where, std::uint64_t version,
                           bool inherits) const {
  if (open_to(*call.asker)) return absl::OkStatus();
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) return vault.status();
  ItemName place = where;
  if (inherits && version == 0) {
    absl::StatusOr<ItemName> found = (*vault)->inherited(where);
    if (!found.ok()) return found.status();
    place = *std::move(found);
  }
  // What was asked for, or granted, was so for the whole call; what is refused now is refused, and
  // so is what is found by now where nobody was asked about.
  const bool asked_about =
      place.collection == where.collection || call.places.contains(place.collection);
  const absl::StatusOr<Judgement> judged = judge_item(**vault, {.asker = *call.asker,
                                                                .verb = Verb::kRead,
                                                                .where = place,
                                                                .version = version,
                                                                .consented = asked_about,
                                                                .through = &where.collection});
  if (!judged.ok()) return judged.status();
  if (judged->outcome == Outcome::kAllow) return absl::OkStatus();
  return make_error(Reason::kPolicyDenied, "refused: " + judged->why);
}

Policy Access::read_policy(const ItemMetadata& item) const {
  return rules_.of_item(item.collection_id, item.id, item.version).policy(Verb::kRead).policy;
}

bool Access::decoy(const ItemMetadata& item) const {
  return !rules_.nothing_set() && rules_.own(item.id).tripwire;
}

void Access::decoy_was_read(const std::shared_ptr<const Asker>& asker, std::string_view method,
                            const ItemName& where) {
  if (audit_ != nullptr) {
    AuditEntry entry;
    entry.asker = asker;
    entry.verb = Verb::kRead;
    entry.method = method;
    entry.item = &where;
    entry.verdict = AuditVerdict::kEvent;
    entry.rule = "tripwire";
    entry.event = "a decoy was read, for which the vault locks";
    // It is told all the same where it cannot be written down.
    audit_->note(entry).IgnoreError();
  }
  if (prompters_ != nullptr) {
    prompters_->notify(
        "A decoy was read, and the vault was locked. By: " + asker->asking().executable + " (pid " +
        std::to_string(asker->asking().pid) + ")");
  }
}

}  // namespace tacit
