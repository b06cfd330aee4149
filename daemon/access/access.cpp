#include "daemon/access/access.h"

#include <algorithm>
#include <utility>

#include "daemon/access/asked_names.h"
#include "daemon/access/audit_change.h"
#include "daemon/base/status.h"

namespace tacit {
namespace {

constexpr std::string_view kNextStep = "; `tacit policy explain` tells which rule decides";

// Rules as the judge calls them.
constexpr std::string_view kByConsent = "user: once";
constexpr std::string_view kDecoyRule = "tripwire";
constexpr const char* kOpenRule = "open";

/// Methods that tell something even of a locked vault, and see to it themselves.
bool serves_locked(std::string_view method) {
  return method == "Access.Audit" || method == "Access.VerifyAudit";
}

/// Administration that has to go on when nothing can be written: it rescues what is there, or is
/// the way out.
bool works_unwritten(std::string_view method) {
  return method == "Admin.AcceptRollback" || method == "Admin.Backup" || method == "Admin.Verify";
}

bool must_ask(const Judgement& judgement) {
  return judgement.outcome == Outcome::kAsk || judgement.outcome == Outcome::kConfirm;
}

/// The next step is one for who may take it: a narrowed tree, an agent and a program that nobody
/// knows would be refused there as well.
absl::Status policy_denied(const Judgement& judgement, const Asker& asker) {
  const bool may_explain = judgement.rule != "narrowed" && asker.known() && !asker.agent();
  return make_error(Reason::kPolicyDenied,
                    "refused: " + judgement.why + std::string(may_explain ? kNextStep : ""));
}

absl::Status nobody_to_ask(const Judgement& judgement, Verb verb, bool may_ask) {
  // No grant is for administration.
  const bool grantable = verb != Verb::kAdmin;
  std::string text = "the user has to be asked, because " + judgement.why;
  if (may_ask) {
    text += ", and nothing here can ask: start `tacit prompter`";
    if (grantable) text += ", or let the program in beforehand with `tacit grant`";
  } else {
    text += ", and the call does not allow it: run it where the user can answer";
    if (grantable) text += ", or make a grant beforehand (`tacit grant`)";
  }
  return make_error(Reason::kNoPrompter, text);
}

/// Says where secrets are given, which nobody but the user may: no credential stands beside it.
bool widens(std::string_view method) {
  return method == "Projects.Trust" || method == "Projects.Link";
}

Judgement nothing_in_bulk(const std::string& suspicion) {
  return {Outcome::kDeny, "agent",
          suspicion + ", which gets nothing in bulk without a grant; name what is needed", 0};
}

/// The stricter of two judgements of one item.
Judgement worse(Judgement one, Judgement other) {
  return static_cast<int>(other.outcome) > static_cast<int>(one.outcome) ? std::move(other)
                                                                         : std::move(one);
}

}  // namespace

/// A request that could not be decided at once: what of it outlives `authorize`.
struct Access::Request {
  AskerLookup* lookup = nullptr;
  std::string_view method;
  Verb verb = Verb::kNone;
  std::vector<ItemName> items;  ///< where they are found
  std::vector<ItemName> asked;  ///< with `inherits`: as they were asked for
  std::vector<std::uint64_t> versions;
  std::optional<std::string> collection;
  bool filtered = false;
  bool each = false;
  bool rules_alone = false;
  bool unlock_alone = false;
  bool may_ask = false;
  bool told_later = false;
  bool by_credential = false;
  bool inherits = false;
  bool bulk = false;
  bool whole = false;
  AdminChange planned;
  std::chrono::milliseconds lifetime{0};
  Verdict verdict;

  /// What came of a question.
  struct Answered {
    absl::Status status;    ///< OK: yes
    std::string rule;       ///< for the log
    bool for_good = false;  ///< a denial was made of it
  };

  std::shared_ptr<const Asker> asker;
  std::set<std::string> consented;  ///< collections; the empty one is everything
  /// By the item's position; 0 where there are no items. An answer is no word on other items.
  std::map<std::size_t, Answered> answered;
  std::set<std::size_t> asking;  ///< those that the question of now is about
  bool asked_to_unlock = false;
  Waiting waiting = 0;

  const std::string& collection_of(std::size_t item) const {
    static const std::string kEverything;
    if (!items.empty()) return items[item].collection;
    return collection ? *collection : kEverything;
  }
  const Answered* answer_about(std::size_t item) const {
    const auto found = answered.find(item);
    return found == answered.end() ? nullptr : &found->second;
  }
  bool consented_to(std::size_t item) const {
    const Answered* answer = answer_about(item);
    return answer != nullptr && answer->status.ok();
  }
  /// The answer that refuses what was judged so. What a rule refuses by itself stays its own.
  const Answered* refusal_of(std::size_t item, const Judgement& judgement) const {
    const Answered* answer = answer_about(item);
    if (answer == nullptr || answer->status.ok()) return nullptr;
    const bool denied_now = answer->for_good && judgement.rule.starts_with("denial ");
    return must_ask(judgement) || denied_now ? answer : nullptr;
  }
};

Access::Access(Setup setup)
    : setup_(std::move(setup)),
      rules_(setup_.default_rule),
      grants_(setup_.grants),
      narrowings_(setup_.narrowings),
      judge_(grants_, narrowings_) {}

Access::~Access() = default;

void Access::connect(Prompters* prompters, Audit* audit) {
  prompters_ = prompters;
  audit_ = audit;
}

absl::Status Access::unlocked(Vault& vault) {
  rules_.clear();
  grants_.clear();
  collections_.clear();
  narrowings_.locked();
  absl::StatusOr<std::vector<Vault::PolicyChange>> records = vault.policy_records();
  loaded_ = records.status();
  if (!records.ok()) return loaded_;
  for (const Vault::PolicyChange& record : *records) {
    const std::optional<bool> other =
        setup_.other_record ? setup_.other_record(record) : std::nullopt;
    const bool known = other                             ? *other
                       : record.subject == kGrantSubject ? grants_.load(record)
                       : record.subject == kNarrowingSubject
                           ? narrowings_.load(record)
                           : rules_.load(record) || collections_.load(record);
    if (known) continue;
    loaded_ = make_error(Reason::kVaultTooNew,
                         "the vault holds a policy that this release cannot read, and nothing is "
                         "served without it; use the newer release");
  }
  grants_.number_after(narrowings_.last_id());
  return loaded_;
}

void Access::locked() {
  rules_.clear();
  grants_.clear();
  collections_.clear();
  narrowings_.locked();
  stop(make_error(Reason::kLocked,
                  "the vault was locked while the user was asked; unlock it and "
                  "try again"));
}

void Access::stop(const absl::Status& why) {
  for (auto& [ticket, request] : std::exchange(waiting_, {})) {
    // Who waits for the vault to be unlocked goes on waiting for that.
    if (request->asked_to_unlock && request->waiting != 0 && reason_of(why) == Reason::kLocked) {
      waiting_.emplace(ticket, std::move(request));
      continue;
    }
    if (request->waiting != 0) prompters_->give_up(request->waiting);
    request->verdict({.status = why, .asker = request->asker});
  }
}

bool Access::open_to(const Asker& asker) const {
  return rules_.nothing_set() && narrowings_.empty() && asker.known() && !asker.agent();
}

AccessTicket Access::authorize(const AccessRequest& asked, Verdict verdict) {
  if (asked.verb == Verb::kNone) {
    verdict({});
    return 0;
  }
  std::shared_ptr<const Asker> asker = asked.asker.now();
  if (asker && asked.verb != Verb::kAdmin && !asked.unlock_alone && open_to(*asker) &&
      loaded_.ok() && setup_.vault().ok()) {
    std::set<std::string> places;
    if (audit_ != nullptr && !asked.told_later) {
      AuditEntry entry{asker,     asked.verb, asked.method, nullptr, AuditVerdict::kAllowed,
                       kOpenRule, false,      {},           {}};
      if (asked.items.empty()) audit_->note(entry).IgnoreError();
      for (const ItemName& item : asked.items) {
        std::optional<ItemName> place;
        if (asked.inherits) {
          absl::StatusOr<ItemName> found = (*setup_.vault())->inherited(item);
          if (found.ok()) place = *std::move(found);
          if (place) places.insert(place->collection);
        }
        entry.item = place ? &*place : &item;
        audit_->note(entry).IgnoreError();
      }
    }
    verdict(
        {.items = std::vector<absl::Status>(asked.each ? asked.items.size() : 0),
         .asker = std::move(asker),
         .places = std::move(places),
         .hold_until = std::vector<BootTime>(asked.lifetime.count() != 0 ? asked.items.size() : 0),
         .rule = kOpenRule});
    return 0;
  }
  auto request = std::make_unique<Request>();
  request->lookup = &asked.asker;
  request->method = asked.method;
  request->verb = asked.verb;
  request->items.assign(asked.items.begin(), asked.items.end());
  request->versions.assign(asked.versions.begin(), asked.versions.end());
  request->versions.resize(request->items.size());
  request->collection = asked.collection;
  request->filtered = asked.filtered;
  request->each = asked.each;
  request->rules_alone = asked.rules_alone;
  request->unlock_alone = asked.unlock_alone;
  request->may_ask = asked.may_ask;
  request->told_later = asked.told_later;
  request->by_credential = asked.by_credential;
  request->inherits = asked.inherits;
  request->bulk = asked.bulk;
  request->whole = asked.whole;
  request->planned = asked.planned;
  request->lifetime = asked.lifetime;
  if (asked.inherits) request->asked = request->items;
  request->verdict = std::move(verdict);
  request->asker = std::move(asker);
  const AccessTicket ticket = ++last_ticket_;
  const bool known = request->asker != nullptr;
  waiting_.emplace(ticket, std::move(request));
  if (known) {
    step(ticket);
  } else {
    asked.asker.then([this, ticket](std::shared_ptr<const Asker> found) {
      const auto waiting = waiting_.find(ticket);
      if (waiting == waiting_.end()) return;
      waiting->second->asker = std::move(found);
      step(ticket);
    });
  }
  return waiting_.contains(ticket) ? ticket : 0;
}

void Access::give_up(AccessTicket ticket) {
  const auto waiting = waiting_.find(ticket);
  if (waiting == waiting_.end()) return;
  const std::unique_ptr<Request> request = std::move(waiting->second);
  waiting_.erase(waiting);
  if (request->waiting != 0) prompters_->give_up(request->waiting);
}

void Access::finish(AccessTicket ticket, AccessVerdict verdict) {
  const auto waiting = waiting_.find(ticket);
  const std::unique_ptr<Request> request = std::move(waiting->second);
  waiting_.erase(waiting);
  verdict.asker = request->asker;
  request->verdict(verdict);
}

void Access::step(AccessTicket ticket) {
  Request& request = *waiting_.at(ticket);
  const auto end = [&](absl::Status why) { finish(ticket, {.status = std::move(why)}); };
  const absl::StatusOr<Vault*> vault = setup_.vault();
  if (!vault.ok()) {
    const bool can_ask = reason_of(vault.status()) == Reason::kLocked && request.may_ask &&
                         !request.asked_to_unlock && prompters_ != nullptr &&
                         prompters_->can_ask(*request.asker);
    if (!can_ask) {
      if (serves_locked(request.method)) return end(absl::OkStatus());
      note_locked(request, "locked");
      return end(vault.status());
    }
    Question question;
    question.kind = QuestionKind::kUnlock;
    question.asker = request.asker;
    question.verb = request.verb;
    // It opens for all, so that nothing in the question is about what is wanted.
    request.asked_to_unlock = true;
    return ask(ticket, std::move(question));
  }
  if (!loaded_.ok()) return end(loaded_);
  if (request.unlock_alone) return end(absl::OkStatus());
  std::optional<Question> question;
  AccessVerdict verdict = judge_all(request, **vault, question);
  if (question) return ask(ticket, *std::move(question));
  finish(ticket, std::move(verdict));
}

absl::StatusOr<Judgement> Access::judge_item(Vault& vault, const Look& look) const {
  std::optional<Vault::ItemIds> ids;
  std::optional<CollectionId> collection;
  if (!open_to(look.asker)) {
    const absl::StatusOr<std::optional<Vault::ItemIds>> found = vault.find(look.where);
    if (!found.ok()) return found.status();
    ids = *found;
    collection = ids ? ids->collection : vault.collection_id(look.where.collection);
  }
  Guard guard;
  if (!look.rules_alone) {
    guard = ids ? rules_.of_item(ids->collection, ids->item, look.version)
                : rules_.of_collection(collection);
    if (look.through != nullptr && *look.through != look.where.collection) {
      rules_.add_through(guard, vault.collection_id(*look.through));
    }
  }
  return judge_.judge({.asker = look.asker,
                       .verb = look.verb,
                       .guard = guard,
                       .collection = look.where.collection,
                       .item = ids ? &ids->item : nullptr,
                       .one_item = true,
                       .consented = look.consented,
                       .told = look.told},
                      setup_.grants.boot_now());
}

absl::StatusOr<Judgement> Access::judge_whole(Vault& vault, const Request& request,
                                              Judgement collection) const {
  const std::optional<CollectionId> id = vault.collection_id(*request.collection);
  for (const Vault::SubjectId& subject : rules_.subjects()) {
    if (!id || !vault.collection_name(subject).empty()) continue;
    const absl::StatusOr<ItemName> place = vault.place_of(subject);
    if (reason_of(place.status()) == Reason::kNotFound) continue;
    if (!place.ok()) return place.status();
    if (place->collection != *request.collection) continue;
    absl::StatusOr<Judgement> one =
        judge_item(vault, {.asker = *request.asker,
                           .verb = request.verb,
                           .where = *place,
                           .consented = request.consented.contains(*request.collection)});
    if (!one.ok()) return one.status();
    collection = worse(std::move(collection), *std::move(one));
  }
  return collection;
}

absl::Status Access::find_places(Request& request, Vault& vault) {
  for (std::size_t i = 0; i < request.asked.size(); ++i) {
    if (request.versions[i] != 0) continue;
    absl::StatusOr<ItemName> place = vault.inherited(request.asked[i]);
    if (!place.ok()) return place.status();
    if (place->collection == request.items[i].collection) continue;
    request.answered.erase(i);  // which was said of another item
    request.items[i] = *std::move(place);
  }
  return absl::OkStatus();
}

AccessVerdict Access::judge_all(Request& request, Vault& vault, std::optional<Question>& question) {
  const BootTime now = setup_.grants.boot_now();
  const Asker& asker = *request.asker;
  // One refusal, however many items there are.
  if (request.bulk && asker.agent() && !grants_.any(asker, request.verb) &&
      !narrowings_.over(asker, now).narrowed) {
    const Judgement none = nothing_in_bulk(judge_.suspicion(asker));
    note(request, request.items.size(), none, false).IgnoreError();  // refused either way
    return {.status = policy_denied(none, asker)};
  }
  std::vector<Judgement> judged;
  if (request.verb == Verb::kAdmin) {
    judged.push_back(
        judge_.judge_admin(asker, request.by_credential, request.consented_to(0), now));
    // No question suffices for all of it at once.
    if (request.method == "Admin.Backup" && asker.agent()) judged.front().outcome = Outcome::kDeny;
    if (widens(request.method) && !judge_.suspicion(asker).empty()) {
      judged.front() = {Outcome::kDeny, asker.agent() ? "agent" : "unknown",
                        judge_.suspicion(asker) +
                            ", and where secrets are given is the user's to "
                            "say, in a terminal of their own",
                        0};
    }
  } else if (!request.items.empty()) {
    if (absl::Status found = find_places(request, vault); !found.ok()) {
      return {.status = found};
    }
    for (std::size_t i = 0; i < request.items.size(); ++i) {
      const ItemName& item = request.items[i];
      Look look{.asker = asker,
                .verb = request.verb,
                .where = item,
                .version = request.versions[i],
                .consented = request.consented_to(i),
                .rules_alone = request.rules_alone};
      if (request.inherits) look.through = &request.asked[i].collection;
      absl::StatusOr<Judgement> one = judge_item(vault, look);
      if (!one.ok()) return {.status = one.status()};
      // It reads what is there before it would write.
      if (request.method == "Secrets.GetOrAsk") {
        look.verb = Verb::kRead;
        absl::StatusOr<Judgement> read = judge_item(vault, look);
        if (!read.ok()) return {.status = read.status()};
        *one = worse(*std::move(one), *std::move(read));
      }
      if (request.bulk) {
        if (asker.agent() && must_ask(*one)) *one = nothing_in_bulk(judge_.suspicion(asker));
        // Only a refusal counts: what may be read with a yes or a grant may be told by then.
        look.verb = Verb::kList;
        absl::StatusOr<Judgement> list = judge_item(vault, look);
        if (!list.ok()) return {.status = list.status()};
        if (list->outcome == Outcome::kDeny) *one = *std::move(list);
      }
      judged.push_back(*std::move(one));
    }
  } else if (request.collection) {
    Guard guard;
    if (!request.rules_alone) {
      guard = rules_.of_collection(vault.collection_id(*request.collection));
    }
    judged.push_back(judge_.judge({.asker = asker,
                                   .verb = request.verb,
                                   .guard = guard,
                                   .collection = *request.collection,
                                   .consented = request.consented.contains(*request.collection)},
                                  now));
    if (request.whole) {
      absl::StatusOr<Judgement> whole = judge_whole(vault, request, judged.front());
      if (!whole.ok()) return {.status = whole.status()};
      judged.front() = *std::move(whole);
    }
  } else {
    const Guard guard = rules_.of_collection(std::nullopt);
    judged.push_back(judge_.judge_bulk(
        {asker, request.verb, guard, request.filtered, request.consented.contains({})}, now));
  }

  // One question for all items of a collection, before anything is decided.
  const bool can_ask =
      request.may_ask && prompters_ != nullptr && prompters_->can_ask(*request.asker);
  const bool hopeless = !request.each && std::ranges::any_of(judged, [](const Judgement& one) {
    return one.outcome == Outcome::kDeny;
  });
  AskedNames names;
  for (std::size_t i = 0; can_ask && !hopeless && i < judged.size(); ++i) {
    const std::string& collection = request.collection_of(i);
    if (!must_ask(judged[i]) || request.answer_about(i) != nullptr) continue;
    if (!question) {
      question.emplace();
      request.asking.clear();
      question->asker = request.asker;
      question->verb = request.verb;
      question->collection = collection;
      question->lifetime = request.lifetime;
      if (request.verb == Verb::kAdmin) {
        question->change = planned_in_words(request.method, request.planned);
      }
    }
    if (collection != question->collection) continue;
    request.asking.insert(i);
    if (!request.items.empty()) names.add(request.items[i].name, request.versions[i]);
    question->each_use = question->each_use || judged[i].outcome == Outcome::kConfirm;
  }
  if (question) {
    question->names = names.take();
    return {};
  }

  AccessVerdict verdict;
  verdict.consented = request.consented;
  verdict.everything = request.items.empty() && !request.collection &&
                       (request.consented.contains({}) || judged.front().grant != 0);
  const bool fails = !request.each && std::ranges::any_of(judged, [](const Judgement& one) {
    return one.outcome != Outcome::kAllow;
  });
  if (request.verb == Verb::kAdmin || request.told_later) verdict.rule = judged.front().rule;
  std::map<std::uint64_t, absl::Status> counted;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Judgement& one = judged[i];
    absl::Status status;
    if (const Request::Answered* refusal = request.refusal_of(i, one)) {
      status = refusal->status;
    } else if (one.outcome == Outcome::kDeny) {
      status = policy_denied(one, asker);
    } else if (must_ask(one)) {
      status = nobody_to_ask(one, request.verb, request.may_ask);
    } else if (one.grant != 0 && !fails) {
      // An answer that was given on a terminal is spent here, and holds for what this call shows.
      const bool of_collection = request.items.empty() && request.collection.has_value();
      if (const auto grant = grants_.find(one.grant); of_collection && grant && grant->once) {
        verdict.consented.insert(*request.collection);
      }
      // A call is one use, whatever it reads, and is counted before the answer.
      const auto [use, first] = counted.try_emplace(one.grant);
      if (first) use->second = grants_.used(vault, one.grant);
      status = use->second;
    }
    // What alone would have been let in was neither given nor refused.
    const bool moot = fails && status.ok();
    const absl::Status noted = moot ? absl::OkStatus() : note(request, i, one, status.ok());
    if (request.verb == Verb::kAdmin && status.ok() && !works_unwritten(request.method)) {
      status = noted;
    }
    if (status.ok() && i < request.items.size()) verdict.places.insert(request.items[i].collection);
    if (request.lifetime.count() != 0) verdict.hold_until.push_back(holds_until(request, i, one));
    // What no answer would change says more than what could be asked for.
    const bool tells = verdict.status.ok() || (one.outcome == Outcome::kDeny &&
                                               reason_of(verdict.status) == Reason::kNoPrompter);
    if (tells && !request.each) verdict.status = status;
    if (request.each) verdict.items.push_back(std::move(status));
  }
  return verdict;
}

absl::Status Access::note(const Request& request, std::size_t item, const Judgement& judgement,
                          bool allowed) {
  if (audit_ == nullptr || (allowed && request.told_later)) return absl::OkStatus();
  AuditEntry entry;
  entry.asker = request.asker;
  entry.verb = request.verb;
  entry.method = request.method;
  if (item < request.items.size()) entry.item = &request.items[item];
  entry.change = request.planned.change;
  if (entry.change.empty() && request.verb == Verb::kAdmin) {
    entry.change = planned_in_words(request.method, request.planned);
  }
  entry.verdict = allowed ? AuditVerdict::kAllowed : AuditVerdict::kDenied;
  const Request::Answered* answer = request.refusal_of(item, judgement);
  if (judgement.rule == kByConsent) answer = request.answer_about(item);
  entry.rule = answer != nullptr ? answer->rule : judgement.rule;
  entry.each_use =
      request.verb == Verb::kAdmin || answer != nullptr || judgement.rule == kDecoyRule;
  return entry.item != nullptr ? audit_->note(entry)
                               : note_of_each(*audit_, entry, request.planned.subjects);
}

BootTime Access::holds_until(const Request& request, std::size_t item,
                             const Judgement& judgement) const {
  const BootTime now = setup_.grants.boot_now();
  const BootTime most = now + std::min<BootTime>(request.lifetime, setup_.grants.lifetime);
  if (request.consented_to(item)) return most;
  const std::optional<Grant> grant = grants_.find(judgement.grant);
  // What counts its uses lets in one read, unless the user was told of all of them.
  if (!grant || (grant->uses_left && grant->tree_lifetime < request.lifetime)) return {};
  return grant->once ? most : std::min(most, grant->until);
}

absl::Status Access::note_change(const AccessVerdict& call, std::string_view method,
                                 const AdminChange& change) {
  if (audit_ == nullptr) return absl::OkStatus();
  AuditEntry entry;
  entry.asker = call.asker;
  entry.verb = change.verb;
  entry.method = method;
  entry.rule = call.rule;
  entry.each_use = true;
  entry.change = change.change;
  const absl::Status noted = note_of_each(*audit_, entry, change.subjects);
  return works_unwritten(method) ? absl::OkStatus() : noted;
}

void Access::note_undone(const AccessVerdict& call, std::string_view method,
                         const AdminChange& change, const absl::Status& why) {
  if (audit_ == nullptr) return;
  AuditEntry entry;
  entry.asker = call.asker;
  entry.verb = change.verb;
  entry.method = method;
  entry.verdict = AuditVerdict::kEvent;
  entry.event = "not done: " + std::string(reason_name(reason_of(why)));
  entry.change = change.change;
  note_of_each(*audit_, entry, change.subjects).IgnoreError();  // nothing was changed
}

void Access::note_locked(const Request& request, std::string_view rule) {
  if (audit_ == nullptr) return;
  AuditEntry entry;
  entry.asker = request.asker;
  entry.verb = request.verb;
  entry.method = request.method;
  entry.verdict = AuditVerdict::kDenied;
  entry.rule = std::string(rule);
  audit_->note(entry).IgnoreError();  // refused either way
}

void Access::ask(AccessTicket ticket, Question question) {
  Question copy = question;
  const Waiting waiting = prompters_->ask(
      std::move(question), [this, ticket, copy = std::move(copy)](absl::StatusOr<Reply> reply) {
        answered(ticket, copy, std::move(reply));
      });
  // The answer may have come at once.
  if (const auto still = waiting_.find(ticket); still != waiting_.end()) {
    still->second->waiting = waiting;
  }
}

void Access::answered(AccessTicket ticket, const Question& question, absl::StatusOr<Reply> reply) {
  const auto waiting = waiting_.find(ticket);
  if (waiting == waiting_.end()) return;
  Request& request = *waiting->second;
  request.waiting = 0;
  if (question.kind == QuestionKind::kUnlock) {
    if (reply.ok()) return step(ticket);
    note_locked(request, refusal_rule(reply.status()));
    return finish(ticket, {.status = not_opened(reply.status())});
  }
  Request::Answered answer;
  answer.status = reply.status();
  if (!reply.ok()) {
    answer.rule = std::string(refusal_rule(reply.status()));
  } else {
    const Decision decision = reply->decision;
    const absl::StatusOr<Vault*> vault = setup_.vault();
    answer.rule = std::string(answer_rule(decision, question));
    if (decision == Decision::kDenyAlways && vault.ok()) {
      grants_.deny_always(**vault, *request.asker, question.collection).IgnoreError();
      answer.for_good = true;
    }
    if (decision == Decision::kDeny || decision == Decision::kDenyAlways) {
      answer.status = make_error(Reason::kUserDenied, "the user said no");
    } else {
      request.consented.insert(question.collection);
      if (decision == Decision::kSession && question.for_session()) {
        grants_.allow_session(*request.asker, question.verb, question.collection);
      }
    }
  }
  for (const std::size_t item : request.asking) request.answered.insert_or_assign(item, answer);
  step(ticket);
}

}  // namespace tacit
