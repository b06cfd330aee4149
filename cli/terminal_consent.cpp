#include "cli/terminal_consent.h"

#include <algorithm>
#include <optional>

#include "cli/question_text.h"
#include "client/cpp/terminal/display_text.h"
#include "client/cpp/terminal/value.h"

namespace tacit::cli {
namespace {

using Clock = std::chrono::steady_clock;

void show(Terminal& terminal, const Question& question) {
  const QuestionText text = in_words(question);
  std::string shown = "\n" + text.headline + "\n";
  for (const std::string& fact : text.facts) shown += "  " + fact + "\n";
  if (!question.error.empty()) shown += visible(question.error) + "\n";
  terminal.say(shown);
}

std::optional<Decision> decision_of(std::string_view typed, bool for_session) {
  if (typed == "y" || typed == "Y" || typed == "yes") return Decision::kOnce;
  if (for_session && (typed == "s" || typed == "session")) return Decision::kSession;
  if (typed.empty() || typed == "n" || typed == "N" || typed == "no") return Decision::kDeny;
  if (typed == "never") return Decision::kDenyAlways;
  return {};
}

Decision ask_decision(Terminal& terminal, bool for_session) {
  const std::string_view question =
      for_session ? "Allow it? y = once, s = for this session, never = no and do not ask again, "
                    "Enter = no: "
                  : "Allow it this once? y = yes, never = no and do not ask again, Enter = no: ";
  for (;;) {
    const auto typed = terminal.ask_line(question);
    if (!typed.ok()) return Decision::kDeny;
    const std::string word(typed->bytes().begin(), typed->bytes().end());
    if (const auto decision = decision_of(word, for_session)) return *decision;
  }
}

bool is_refusal(Decision decision) {
  return decision == Decision::kDeny || decision == Decision::kDenyAlways;
}

/// None: it was not given.
std::optional<Credential> ask_passphrase(Terminal& terminal) {
  auto passphrase = terminal.ask_secret("Passphrase for the vault (Enter = no): ");
  if (!passphrase.ok() || passphrase->empty()) return {};
  return Credential{Credential::Kind::kPassphrase, std::move(*passphrase)};
}

/// The login goes on in a browser meanwhile.
Decision ask_read(Terminal& terminal) {
  const auto typed = terminal.ask_line("Enter = read it, n = no login: ");
  if (!typed.ok()) return Decision::kDeny;
  const std::string word(typed->bytes().begin(), typed->bytes().end());
  return word.empty() || word == "y" || word == "yes" ? Decision::kOnce : Decision::kDeny;
}

Answer answer_on(Terminal& terminal, const Question& question) {
  Answer answer;
  if (question.kind == QuestionKind::kLogin) {
    answer.decision = ask_read(terminal);
    return answer;
  }
  answer.decision = Decision::kOnce;
  if (question.kind == QuestionKind::kConsent) {
    answer.decision = ask_decision(terminal, question.for_session());
    if (answer.decision == Decision::kDeny) return answer;
  }
  if (question.needs_credential) {
    // A no for good without it is one for this time.
    answer.credential = ask_passphrase(terminal);
    if (!answer.credential) return {};
  } else if (question.kind == QuestionKind::kValue) {
    // With a passphrase to give, what is to be typed is told only after it.
    auto value = ask_value_twice(terminal, "Its value (Enter = refuse): ");
    if (!value.ok()) return {};
    answer.value = std::move(*value);
  }
  return answer;
}

}  // namespace

Answer ask_on_terminal(Terminal& terminal, const Question& question, int wake_fd) {
  terminal.forget_typed_ahead();
  terminal.wait_until(Clock::now() + question.timeout, wake_fd);
  show(terminal, question);
  Answer answer = answer_on(terminal, question);
  terminal.wait_until({}, -1);
  return answer;
}

Result<void> settle_on_terminal(Client& client, Terminal& terminal, Question question) {
  for (;;) {
    const Answer answer = ask_on_terminal(terminal, question, -1);
    auto again = client.answer(question.id, answer);
    if (!again.ok()) return again.error();
    if (is_refusal(answer.decision)) return Error{Reason::kUserDenied, "refused on the terminal"};
    if (!*again) return {};
    question = std::move(**again);
  }
}

}  // namespace tacit::cli
