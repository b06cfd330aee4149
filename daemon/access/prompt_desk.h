// Between who has to ask and who can: the registered prompter, or a program's own terminal.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "daemon/access/prompters.h"
#include "daemon/access/questions.h"
#include "daemon/os/boot_time.h"

namespace tacit {

struct PromptRules {
  std::chrono::milliseconds timeout{60'000};   ///< no answer by then is a no
  std::chrono::milliseconds idle{600'000};     ///< how long Decision::kSession holds, unused
  std::chrono::milliseconds hard{43'200'000};  ///< and at all
  QuestionLimits limits;
};

/// A question as it is sent out.
struct AskedQuestion {
  std::uint64_t id = 0;
  Question question;
  std::size_t uses = 0;      ///< calls that a yes lets in once each, for Question::each_use
  bool asker_alone = false;  ///< tell nothing beyond the asker
  bool needs_credential = false;
  std::string error;
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds idle{0};
  std::chrono::milliseconds hard{0};
};
struct WithdrawnQuestion {
  std::uint64_t id = 0;
};
struct PromptNotice {
  std::string text;
};
/// The stream is to end.
struct PromptEnd {};
using PromptMessage = std::variant<AskedQuestion, WithdrawnQuestion, PromptNotice, PromptEnd>;

/// One process, named as in session/process_key.h.
struct ProcessName {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  bool operator==(const ProcessName&) const = default;
};

/// Vault thread. A prompter is proven from a right credential on until its stream ends or the
/// vault locks, and so is a terminal session that asks for itself.
class PromptDesk final : public Prompters {
 public:
  /// The clock's alarm is the desk's; it outlives the desk.
  PromptDesk(PromptRules rules, BootClock& clock)
      : rules_(rules), clock_(clock), questions_(rules.limits) {}

  bool can_ask(const Asker& asker) const override;
  Waiting ask(Question question, Replied replied) override;
  void give_up(Waiting waiting) override;
  void notify(const std::string& notice) override;

  // The prompter's stream.
  /// Errors: kPolicyDenied, an agent, or another prompter is registered.
  absl::Status may_register(const Asker& asker) const;
  using Send = std::function<void(PromptMessage)>;
  using Registration = std::uint64_t;
  absl::StatusOr<Registration> register_prompter(ProcessName who,
                                                 std::shared_ptr<const Asker> asker, bool proven,
                                                 Send send);
  /// Its questions end with NoAnswer::kGone. Nothing happens if it is another's by now.
  void prompter_gone(Registration registration);

  /// Whether the one that is registered is proven; none: none is.
  std::optional<bool> prompter_proven() const {
    return prompter_ ? std::optional(prompter_->proven) : std::nullopt;
  }

  // A program's own terminal.
  /// Errors: kNoPrompter, it has no terminal or is an agent's.
  absl::StatusOr<AskedQuestion> ask_on_terminal(ProcessName who, Question question);

  // Answers. Each of `id` and `who` as the question was sent; another pair is kNotFound, and so is
  // a question that was answered, withdrawn or given up, or whose last answer is being checked.
  struct Answerable {
    AskedQuestion asked;
    bool on_terminal = false;
  };
  absl::StatusOr<Answerable> answerable(std::uint64_t id, ProcessName who);
  /// A credential that came with an answer is being checked: time stands still for the question.
  void checking(std::uint64_t id);
  /// The answer was wrong about something, or was a proof alone. None: the question has gone
  /// meanwhile.
  std::optional<AskedQuestion> ask_again(std::uint64_t id, const std::string& error);
  /// It was right: whoever answers this question is proven from now on.
  void prove(std::uint64_t id);
  /// For a question of the prompter: the answer goes to all who wait. Nothing happens if it has
  /// gone.
  void decide(std::uint64_t id, absl::StatusOr<Reply> reply);
  /// The prompter could not ask: a denial of this question and of all in line.
  void failed(std::uint64_t id, const std::string& why);
  /// For a question on a terminal: it is done with.
  void finish_on_terminal(std::uint64_t id) { on_terminals_.erase(id); }

  // What happens around.
  void vault_unlocked();
  void vault_locked();
  void on_alarm();
  /// The daemon ends.
  void stop();

 private:
  struct Prompter {
    Registration registration = 0;
    ProcessName who;
    std::shared_ptr<const Asker> asker;
    bool proven = false;
    Send send;
  };
  struct OnTerminal {
    ProcessName who;
    Question question;
    BootTime due{};
    bool checking = false;
    std::string error;
  };
  using Out = std::vector<PendingQuestion>;

  AskedQuestion outgoing(const PendingQuestion& pending) const;
  AskedQuestion outgoing(std::uint64_t id, const OnTerminal& pending) const;
  void show_next();
  void withdraw_shown();
  /// Tells all who waited; the first one gets the value.
  void reply(Out questions, absl::StatusOr<Reply> reply);
  void refuse_all(const absl::Status& why);
  bool proven(const AskerSession& session) const;
  void arm();

  const PromptRules rules_;
  BootClock& clock_;
  Questions questions_;
  std::optional<Prompter> prompter_;
  Registration last_registration_ = 0;
  std::unordered_map<std::uint64_t, OnTerminal> on_terminals_;
  std::uint64_t last_on_terminal_ = 0;
  std::vector<AskerSession> proven_terminals_;
  bool stopped_ = false;
};

}  // namespace tacit
