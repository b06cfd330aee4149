#include "daemon/access/questions.h"

#include <algorithm>

#include "daemon/base/status.h"

namespace tacit {
namespace {

bool same_program(const Asker& one, const Asker& other) {
  const Program& a = one.asking();
  const Program& b = other.asking();
  if (a.pid == b.pid && a.start_time == b.start_time) return true;
  const auto nameless = [](const Asker& asker) {
    return !asker.known() || asker.asking().unnamed_script;
  };
  if (nameless(one) || nameless(other)) return false;
  return a.executable == b.executable && a.file == b.file && a.script == b.script &&
         a.script_file == b.script_file;
}

bool same_process(const Asker& one, const Asker& other) {
  const Program& a = one.chain.front();
  const Program& b = other.chain.front();
  return a.pid == b.pid && a.start_time == b.start_time;
}

}  // namespace

bool same_question(const Question& one, const Question& other) {
  if (one.kind != other.kind) return false;
  // The vault opens for all, and an item that is not there is missed by all.
  if (one.kind == QuestionKind::kUnlock) return true;
  if (one.collection != other.collection) return false;
  if (one.kind == QuestionKind::kLogin) {
    return one.login == other.login && same_process(*one.asker, *other.asker);
  }
  if (one.kind == QuestionKind::kValue) return one.names == other.names;
  if (one.verb != other.verb || one.each_use != other.each_use) return false;
  if (one.names.empty() != other.names.empty()) return false;
  if (one.change != other.change || one.lifetime != other.lifetime) return false;
  if (one.asker->agent_marker != other.asker->agent_marker) return false;
  if (!(one.asker->session == other.asker->session)) return false;
  // Each use is the user's to see; only what one process asks for at once is one use.
  // One for a process tree is that one's alone.
  if (!one.for_session()) return same_process(*one.asker, *other.asker) && one.names == other.names;
  return same_program(*one.asker, *other.asker);
}

Questions::All::iterator Questions::find_mergeable(const Question& question) {
  return std::ranges::find_if(all_, [&](const PendingQuestion& pending) {
    if (!same_question(pending.question, question)) return false;
    const bool seen = showing_ && &pending == &all_.front();
    if (seen && !question.for_session()) return false;
    return !seen || std::ranges::all_of(question.names, [&](const std::string& name) {
      return pending.names.contains(name);
    });
  });
}

absl::StatusOr<Waiting> Questions::add(Question question, Replied replied) {
  if (waiting_.size() >= limits_.waiters) {
    return make_error(Reason::kLimit, "too many requests wait for the user's answer; wait");
  }
  auto found = find_mergeable(question);
  if (found == all_.end()) {
    if (all_.size() >= limits_.questions) {
      return make_error(Reason::kLimit, "too many questions wait for the user; wait");
    }
    PendingQuestion pending;
    pending.id = ++last_id_;
    pending.names = {question.names.begin(), question.names.end()};
    pending.question = std::move(question);
    all_.push_back(std::move(pending));
    found = std::prev(all_.end());
  } else {
    for (std::string& name : question.names) {
      if (found->names.insert(name).second) found->question.names.push_back(std::move(name));
    }
  }
  const Waiting number = ++last_waiting_;
  found->waiters.emplace_back(number, std::move(replied));
  waiting_.emplace(number, found);
  return number;
}

bool Questions::give_up(Waiting waiting, std::uint64_t& gone) {
  const auto entry = waiting_.find(waiting);
  if (entry == waiting_.end()) return false;
  const auto question = entry->second;
  waiting_.erase(entry);
  std::erase_if(question->waiters, [&](const auto& one) { return one.first == waiting; });
  if (!question->waiters.empty()) return false;
  const bool was_shown = showing_ && question == all_.begin();
  gone = question->id;
  if (was_shown) showing_ = false;
  all_.erase(question);
  return was_shown;
}

PendingQuestion* Questions::shown() { return showing_ ? &all_.front() : nullptr; }

PendingQuestion* Questions::show_next(BootTime due) {
  if (showing_ || all_.empty()) return nullptr;
  showing_ = true;
  all_.front().due = due;
  return &all_.front();
}

Questions::All::iterator Questions::take(All::iterator which, std::vector<PendingQuestion>& out) {
  if (showing_ && which == all_.begin()) showing_ = false;
  for (const auto& [number, replied] : which->waiters) waiting_.erase(number);
  out.push_back(std::move(*which));
  return all_.erase(which);
}

PendingQuestion Questions::take_shown() {
  std::vector<PendingQuestion> out;
  take(all_.begin(), out);
  return std::move(out.front());
}

std::vector<PendingQuestion> Questions::take_settled_by(const Question& question,
                                                        Decision decision) {
  return take_if([&](const PendingQuestion& pending) {
    const Question& other = pending.question;
    if (question.kind != QuestionKind::kConsent) return false;
    // A no for good is about all uses, a yes about those that it was told of.
    return (question.for_session() || decision == Decision::kDenyAlways) &&
           same_question(question, other);
  });
}

}  // namespace tacit
