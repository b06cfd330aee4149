#include "cli/window_consent.h"

#include <span>
#include <utility>

#include "cli/question_text.h"
#include "client/cpp/terminal/display_text.h"

namespace tacit::cli {
namespace {

using std::chrono::seconds;
using Kind = WindowAnswer::Kind;

constexpr std::string_view kTitle = "Tacit";

Window window_for(const Question& question, Clock::time_point until) {
  Window window;
  const QuestionText text = in_words(question);
  window.title = kTitle;
  window.description = text.headline + "\n";
  for (const std::string& fact : text.facts) window.description += "\n" + fact;
  window.error = visible(question.error);
  window.cancel = "_No";
  window.until = until;
  return window;
}

Answer denied(const WindowAnswer& why) {
  Answer answer;
  answer.failure = why.failure;
  return answer;
}

/// One answer that a window offers.
struct Choice {
  Decision decision;
  const char* label;
};

constexpr Choice kChoices[] = {{Decision::kSession, "Yes, for this _session"},
                               {Decision::kOnce, "Yes, _once"},
                               {Decision::kDenyAlways, "Ne_ver, and do not ask again"}};

Answer ask_consent(const PinentrySetup& setup, const Question& question, Window window) {
  std::span<const Choice> choices(kChoices);
  if (!question.for_session()) choices = choices.subspan(1);
  for (; !choices.empty(); choices = choices.subspan(1)) {
    window.ok = choices.front().label;
    window.not_ok = choices.size() > 1 ? "_More choices" : "";
    const WindowAnswer said = ask_choice(setup, window);
    if (said.kind == Kind::kOk) {
      Answer answer;
      answer.decision = choices.front().decision;
      return answer;
    }
    if (said.kind != Kind::kNotOk) return denied(said);
  }
  return {};
}

/// Adds the passphrase that `answer` needs, or makes it a denial.
Answer with_passphrase(const PinentrySetup& setup, Window window, Answer answer) {
  window.prompt = "Passphrase:";
  window.ok = "_OK";
  WindowAnswer said = ask_text(setup, window, false);
  if (said.kind != Kind::kOk) return denied(said);
  answer.credential = Credential{Credential::Kind::kPassphrase, std::move(said.text)};
  return answer;
}

Answer ask_value(const PinentrySetup& setup, Window window) {
  window.prompt = "Its value:";
  window.ok = "_Store";
  WindowAnswer said = ask_text(setup, window, true);
  if (said.kind != Kind::kOk) return denied(said);
  Answer answer;
  answer.decision = Decision::kOnce;
  answer.value = std::move(said.text);
  return answer;
}

/// Where to log in. It goes on while the window stands; to close it unread is no login.
Answer show_login(const PinentrySetup& setup, Window window) {
  window.ok = "_Read it";
  window.cancel = "_No login";
  const WindowAnswer said = ask_choice(setup, window);
  if (said.kind != Kind::kOk) return denied(said);
  Answer answer;
  answer.decision = Decision::kOnce;
  return answer;
}

}  // namespace

Answer ask_in_windows(const PinentrySetup& setup, const Question& question) {
  const Window window = window_for(question, Clock::now() + question.timeout);
  Answer answer;
  answer.decision = Decision::kOnce;
  if (question.kind == QuestionKind::kConsent) {
    answer = ask_consent(setup, question, window);
    if (answer.decision == Decision::kDeny) return answer;
  }
  if (question.kind == QuestionKind::kLogin) return show_login(setup, window);
  if (question.needs_credential) return with_passphrase(setup, window, std::move(answer));
  // With a passphrase to give, what is to be typed is told only after it.
  if (question.kind == QuestionKind::kValue) return ask_value(setup, window);
  return answer;
}

std::optional<Credential> ask_proof_in_window(const PinentrySetup& setup,
                                              const std::string& error) {
  constexpr seconds kPatience{300};
  Window window;
  window.title = kTitle;
  window.description =
      "Your passphrase proves that it is you who will answer here.\n\n"
      "Without it, questions tell which program asks but not for what, and the first yes needs "
      "the passphrase.";
  window.prompt = "Passphrase:";
  window.error = error;
  window.ok = "_OK";
  window.cancel = "_Without";
  window.until = Clock::now() + kPatience;
  WindowAnswer said = ask_text(setup, window, false);
  if (said.kind != Kind::kOk) return {};
  return Credential{Credential::Kind::kPassphrase, std::move(said.text)};
}

void notify_in_window(const PinentrySetup& setup, const std::string& notice) {
  constexpr seconds kShown{60};
  Window window;
  window.title = kTitle;
  window.description = "Something happened to your vault.\n\n" + visible(notice);
  window.ok = "_OK";
  window.until = Clock::now() + kShown;
  (void)show_message(setup, window);
}

}  // namespace tacit::cli
