#include "daemon/access/prompt_desk.h"

#include <algorithm>

#include "daemon/base/status.h"

namespace tacit {
namespace {

/// Numbers of questions on terminals, so that they are never taken for those of a prompter.
constexpr std::uint64_t kOnTerminal = std::uint64_t{1} << 63;
constexpr std::size_t kMaxProvenTerminals = 64;

absl::Status nobody() {
  return make_error(Reason::kNoPrompter,
                    "the user has to be asked and no prompter is registered; start one with "
                    "`tacit prompter`, or run `tacit` on a terminal");
}

/// A login goes on in a browser, and is over when its program says so.
constexpr std::chrono::minutes kLoginTimeout{30};

bool has_terminal(const Asker& asker) {
  return asker.session.kind == AskerSession::Kind::kTerminal && asker.session.terminal != 0;
}

std::chrono::milliseconds left_of(BootTime due, BootTime now) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(due - now, BootTime{0}));
}

}  // namespace

// ---- Who asks.

bool PromptDesk::can_ask(const Asker& asker) const {
  if (!prompter_ || stopped_) return false;
  // What is shown on an agent's own terminal the agent could answer.
  return !(asker.agent() && has_terminal(asker) && has_terminal(*prompter_->asker) &&
           asker.session.terminal == prompter_->asker->session.terminal);
}

Waiting PromptDesk::ask(Question question, Replied replied) {
  if (!can_ask(*question.asker)) {
    replied(nobody());
    return 0;
  }
  const absl::StatusOr<Waiting> waiting = questions_.add(std::move(question), replied);
  if (!waiting.ok()) {
    replied(waiting.status());
    return 0;
  }
  show_next();
  return *waiting;
}

void PromptDesk::give_up(Waiting waiting) {
  std::uint64_t gone = 0;
  if (!questions_.give_up(waiting, gone)) return;
  if (prompter_) prompter_->send(WithdrawnQuestion{gone});
  show_next();
}

void PromptDesk::notify(const std::string& notice) {
  if (prompter_) prompter_->send(PromptNotice{notice});
}

// ---- The prompter.

absl::Status PromptDesk::may_register(const Asker& asker) const {
  if (asker.agent()) {
    return make_error(Reason::kPolicyDenied,
                      "a prompter cannot run below a coding agent, which could answer for the "
                      "user; start it in a terminal of your own");
  }
  if (prompter_) {
    return make_error(Reason::kPolicyDenied, "another prompter is registered (pid " +
                                                 std::to_string(prompter_->who.pid) +
                                                 "); end it first");
  }
  return absl::OkStatus();
}

absl::StatusOr<PromptDesk::Registration> PromptDesk::register_prompter(
    ProcessName who, std::shared_ptr<const Asker> asker, bool proven, Send send) {
  if (absl::Status may = may_register(*asker); !may.ok()) return may;
  if (stopped_) return absl::UnavailableError("the daemon is stopping");
  prompter_ = Prompter{++last_registration_, who, std::move(asker), proven, std::move(send)};
  return last_registration_;
}

void PromptDesk::prompter_gone(Registration registration) {
  if (!prompter_ || prompter_->registration != registration) return;
  prompter_.reset();
  refuse_all(unanswered(NoAnswer::kGone,
                        "the prompter went away before the user answered, so nobody said yes; "
                        "start it again with `tacit prompter` and try again"));
}

AskedQuestion PromptDesk::outgoing(const PendingQuestion& pending) const {
  AskedQuestion out;
  out.id = pending.id;
  out.question = pending.question;
  if (pending.question.each_use) out.uses = pending.waiters.size();
  out.asker_alone = !prompter_->proven;
  // A login says nothing of the vault, and its answer opens nothing.
  const bool login = pending.question.kind == QuestionKind::kLogin;
  out.needs_credential =
      pending.question.kind == QuestionKind::kUnlock || (!prompter_->proven && !login);
  out.error = pending.error;
  out.timeout = left_of(pending.due.value_or(clock_.now()), clock_.now());
  out.idle = rules_.idle;
  out.hard = rules_.hard;
  return out;
}

void PromptDesk::show_next() {
  if (!prompter_) return;
  if (PendingQuestion* next = questions_.show_next(clock_.now() + rules_.timeout)) {
    if (next->question.kind == QuestionKind::kLogin) next->due = clock_.now() + kLoginTimeout;
    prompter_->send(outgoing(*next));
  }
  arm();
}

// ---- A terminal of the program's own.

AskedQuestion PromptDesk::outgoing(std::uint64_t id, const OnTerminal& pending) const {
  AskedQuestion out;
  out.id = id;
  out.question = pending.question;
  if (pending.question.each_use) out.uses = 1;
  out.needs_credential = !proven(pending.question.asker->session);
  out.error = pending.error;
  out.timeout = left_of(pending.due, clock_.now());
  out.idle = rules_.idle;
  out.hard = rules_.hard;
  return out;
}

bool PromptDesk::proven(const AskerSession& session) const {
  return std::ranges::find(proven_terminals_, session) != proven_terminals_.end();
}

absl::StatusOr<AskedQuestion> PromptDesk::ask_on_terminal(ProcessName who, Question question) {
  if (question.asker->agent()) {
    return make_error(Reason::kNoPrompter,
                      "a coding agent's program cannot ask on its own terminal; start a prompter "
                      "in another one with `tacit prompter`");
  }
  if (!has_terminal(*question.asker)) {
    return make_error(Reason::kNoPrompter,
                      "the user has to be asked, and the program has no terminal to ask on");
  }
  // One for each process; what was asked before is void.
  std::erase_if(on_terminals_, [&](const auto& entry) { return entry.second.who == who; });
  if (on_terminals_.size() >= rules_.limits.questions) {
    return make_error(Reason::kLimit, "too many questions wait for the user; wait");
  }
  const std::uint64_t id = kOnTerminal | ++last_on_terminal_;
  OnTerminal pending;
  pending.who = who;
  pending.question = std::move(question);
  pending.due = clock_.now() + rules_.timeout;
  const auto at = on_terminals_.emplace(id, std::move(pending)).first;
  arm();
  return outgoing(id, at->second);
}

// ---- Answers.

absl::StatusOr<PromptDesk::Answerable> PromptDesk::answerable(std::uint64_t id, ProcessName who) {
  const absl::Status unknown =
      make_error(Reason::kNotFound,
                 "there is no such question to answer: it was answered, withdrawn or put to "
                 "another program");
  if (const auto found = on_terminals_.find(id); found != on_terminals_.end()) {
    if (!(found->second.who == who) || found->second.checking) return unknown;
    return Answerable{outgoing(id, found->second), true};
  }
  const PendingQuestion* shown = questions_.shown();
  if (shown == nullptr || shown->id != id || shown->checking) return unknown;
  if (!prompter_ || !(prompter_->who == who)) return unknown;
  return Answerable{outgoing(*shown), false};
}

void PromptDesk::checking(std::uint64_t id) {
  if (const auto found = on_terminals_.find(id); found != on_terminals_.end()) {
    found->second.checking = true;
  } else if (PendingQuestion* shown = questions_.shown(); shown != nullptr && shown->id == id) {
    shown->checking = true;
  }
  arm();
}

std::optional<AskedQuestion> PromptDesk::ask_again(std::uint64_t id, const std::string& error) {
  const BootTime due = clock_.now() + rules_.timeout;
  std::optional<AskedQuestion> out;
  if (const auto found = on_terminals_.find(id); found != on_terminals_.end()) {
    found->second.checking = false;
    found->second.error = error;
    found->second.due = due;
    out = outgoing(id, found->second);
  } else if (PendingQuestion* shown = questions_.shown(); shown != nullptr && shown->id == id) {
    shown->checking = false;
    shown->error = error;
    shown->due = due;
    out = outgoing(*shown);
  }
  arm();
  return out;
}

void PromptDesk::prove(std::uint64_t id) {
  if (const auto found = on_terminals_.find(id); found != on_terminals_.end()) {
    const AskerSession& session = found->second.question.asker->session;
    if (!proven(session)) {
      if (proven_terminals_.size() >= kMaxProvenTerminals) {
        proven_terminals_.erase(proven_terminals_.begin());
      }
      proven_terminals_.push_back(session);
    }
  } else if (questions_.shown() != nullptr && questions_.shown()->id == id) {
    prompter_->proven = true;
  }
}

void PromptDesk::decide(std::uint64_t id, absl::StatusOr<Reply> answer) {
  const PendingQuestion* shown = questions_.shown();
  if (shown == nullptr || shown->id != id) return;
  Out settled;
  settled.push_back(questions_.take_shown());
  if (answer.ok() &&
      (answer->decision == Decision::kSession || answer->decision == Decision::kDenyAlways)) {
    Out more = questions_.take_settled_by(settled.front().question, answer->decision);
    std::ranges::move(more, std::back_inserter(settled));
  }
  reply(std::move(settled), std::move(answer));
  show_next();
}

void PromptDesk::failed(std::uint64_t id, const std::string& why) {
  const PendingQuestion* shown = questions_.shown();
  if (shown == nullptr || shown->id != id) return;
  refuse_all(unanswered(NoAnswer::kFailed, "the prompter could not ask: " + why));
}

void PromptDesk::reply(Out questions, absl::StatusOr<Reply> answer) {
  for (PendingQuestion& question : questions) {
    for (auto& [number, replied] : question.waiters) {
      if (!answer.ok()) {
        replied(answer.status());
        continue;
      }
      Reply one;
      one.decision = answer->decision;
      one.value = std::move(answer->value);  // the others find it stored
      replied(std::move(one));
    }
  }
}

void PromptDesk::refuse_all(const absl::Status& why) {
  withdraw_shown();
  reply(questions_.take_if([](const PendingQuestion&) { return true; }), why);
  show_next();
}

void PromptDesk::withdraw_shown() {
  if (questions_.shown() != nullptr && prompter_) {
    prompter_->send(WithdrawnQuestion{questions_.shown()->id});
  }
}

// ---- What happens around.

void PromptDesk::vault_unlocked() {
  const auto unlocks = [](const PendingQuestion& pending) {
    return pending.question.kind == QuestionKind::kUnlock;
  };
  // By another way than the prompter's answer, for which the window is to go.
  if (questions_.shown() != nullptr && unlocks(*questions_.shown()) &&
      !questions_.shown()->checking) {
    withdraw_shown();
  }
  Reply yes;
  yes.decision = Decision::kOnce;
  reply(questions_.take_if(unlocks), std::move(yes));
  show_next();
}

void PromptDesk::vault_locked() {
  proven_terminals_.clear();
  on_terminals_.clear();
  if (prompter_) prompter_->proven = false;
  const auto needs_vault = [](const PendingQuestion& pending) {
    return pending.question.kind != QuestionKind::kUnlock;
  };
  if (questions_.shown() != nullptr && needs_vault(*questions_.shown())) withdraw_shown();
  reply(questions_.take_if(needs_vault),
        make_error(Reason::kLocked, "the vault was locked before the user answered"));
  show_next();
}

void PromptDesk::on_alarm() {
  const BootTime now = clock_.now();
  std::erase_if(on_terminals_, [&](const auto& entry) {
    return !entry.second.checking && entry.second.due <= now;
  });
  if (const PendingQuestion* shown = questions_.shown();
      shown != nullptr && !shown->checking && *shown->due <= now) {
    withdraw_shown();
    Out out;
    out.push_back(questions_.take_shown());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(rules_.timeout).count();
    reply(std::move(out),
          unanswered(NoAnswer::kTimeout,
                     "the user did not answer within " + std::to_string(seconds) +
                         " s, which counts as a no; try again when somebody is there to answer, or "
                         "let the program in beforehand with `tacit grant`"));
    show_next();
  }
  arm();
}

void PromptDesk::stop() {
  stopped_ = true;
  reply(questions_.take_if([](const PendingQuestion&) { return true; }),
        absl::UnavailableError("the daemon is stopping"));
  if (prompter_) prompter_->send(PromptEnd{});
}

void PromptDesk::arm() {
  std::optional<BootTime> next;
  const auto sooner = [&](BootTime when) { next = next ? std::min(*next, when) : when; };
  if (const PendingQuestion* shown = questions_.shown(); shown != nullptr && !shown->checking) {
    sooner(*shown->due);
  }
  for (const auto& [id, pending] : on_terminals_) {
    if (!pending.checking) sooner(pending.due);
  }
  clock_.set_alarm(next);
}

}  // namespace tacit
