// What the user is asked, and what came back. No text here came from the asking program but
// `prompt` and `login`.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/access/asker.h"
#include "daemon/access/verbs.h"
#include "daemon/vault/item.h"
#include "daemon/vault/slot.h"
#include "tacit/secret_bytes.h"

namespace tacit {

/// The numbers are those of proto QuestionKind and Decision.
enum class QuestionKind { kUnlock = 1, kConsent = 2, kValue = 3, kLogin = 4 };
enum class Decision { kDeny = 0, kDenyAlways = 1, kOnce = 2, kSession = 3 };

/// Where the user is to log in, as the asking program tells it.
struct LoginPlace {
  std::string uri;
  std::string complete_uri;  ///< the same with the code in it; empty: there is none
  std::string code;
  bool operator==(const LoginPlace&) const = default;
};

struct Question {
  QuestionKind kind = QuestionKind::kConsent;
  std::shared_ptr<const Asker> asker;
  Verb verb = Verb::kRead;
  std::string collection;
  std::vector<std::string> names;  ///< as of AskedNames; empty: the whole collection
  bool each_use = false;           ///< a yes is for one call
  /// Not 0: a yes lets the asking process and all that it starts read so long (`Access.Narrow`).
  std::chrono::milliseconds lifetime{0};
  std::string change;  ///< of administration: what is to be done, in words; may hold names
  std::string prompt;  ///< for kValue
  LoginPlace login{};  ///< for kLogin

  /// Whether Decision::kSession is an answer.
  bool for_session() const { return !each_use && lifetime.count() == 0; }
};

struct Reply {
  Decision decision = Decision::kDeny;
  SecretBytes value;  ///< for kValue
};

/// Why nobody said yes or no, and what the log calls it.
enum class NoAnswer {
  kTimeout,  ///< `prompter: no answer`
  kGone,     ///< `prompter: gone`
  kFailed,   ///< `prompter: failed`
};
/// kUserDenied, or kNoPrompter for kGone: nobody is left who could be asked.
absl::Status unanswered(NoAnswer why, std::string_view message);
/// The rule that refused, for the log: one of the above, `user: deny` where the user said no, or
/// `not asked`.
std::string_view refusal_rule(const absl::Status& status);
/// The same for an answer: `user: once`, `user: session`, `user: deny`, `user: never`.
std::string_view answer_rule(Decision decision, const Question& question);
/// What a call gets that waited for the vault: kUserDenied after a no, kLocked where nobody
/// answered. Other errors stay.
absl::Status not_opened(const absl::Status& why);

/// Told once, on the vault thread. Errors: kUserDenied (no, or one made by `unanswered`),
/// kNoPrompter, kLimit, kLocked.
using Replied = std::function<void(absl::StatusOr<Reply>)>;
/// One waiter for one question; 0 is none.
using Waiting = std::uint64_t;

}  // namespace tacit
