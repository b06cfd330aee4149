#include "daemon/access/question.h"

#include <array>

#include "absl/strings/cord.h"
#include "daemon/base/status.h"

namespace tacit {
namespace {

/// Beside the reason, of a status that `unanswered` made.
constexpr std::string_view kNoAnswerPayload = "tacit/no-answer";
constexpr std::array<std::string_view, 3> kRules = {"prompter: no answer", "prompter: gone",
                                                    "prompter: failed"};

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status unanswered(NoAnswer why, std::string_view message) {
  const Reason reason = why == NoAnswer::kGone ? Reason::kNoPrompter : Reason::kUserDenied;
  absl::Status out = make_error(reason, message);
  out.SetPayload(to_absl(kNoAnswerPayload),
                 absl::Cord(std::string(1, static_cast<char>('0' + static_cast<int>(why)))));
  return out;
}

std::string_view refusal_rule(const absl::Status& status) {
  if (const auto payload = status.GetPayload(to_absl(kNoAnswerPayload))) {
    return kRules.at(static_cast<std::size_t>(std::string(*payload).front() - '0'));
  }
  return reason_of(status) == Reason::kUserDenied ? "user: deny" : "not asked";
}

std::string_view answer_rule(Decision decision, const Question& question) {
  switch (decision) {
    case Decision::kDeny:
      return "user: deny";
    case Decision::kDenyAlways:
      return "user: never";
    case Decision::kOnce:
      return "user: once";
    case Decision::kSession:
      return question.for_session() ? "user: session" : "user: once";
  }
  return "user: deny";
}

absl::Status not_opened(const absl::Status& why) {
  const Reason reason = reason_of(why);
  if (reason != Reason::kUserDenied && reason != Reason::kNoPrompter) return why;
  // Who said no said it to this program; where nobody answered it is the vault's state.
  const bool refused = refusal_rule(why) == "user: deny";
  return make_error(refused ? Reason::kUserDenied : Reason::kLocked,
                    "the vault is locked, and stays so: " + std::string(why.message()));
}

}  // namespace tacit
