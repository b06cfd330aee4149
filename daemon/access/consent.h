// Questions that a program asks its own user on its own terminal, where no prompter is.
#pragma once
#include <memory>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "daemon/access/question.h"

namespace tacit {

/// What the policies know of them. Vault thread.
class Consent {
 public:
  virtual ~Consent() = default;
  /// The question of kind kConsent that stands between the asker and these items, which the user
  /// may answer; none: nothing needs to be asked. Asks nobody and notes nothing.
  /// Errors: kPolicyDenied, no answer would help; kLocked and the like, as of the lock gate.
  virtual absl::StatusOr<std::optional<Question>> question_for(
      const std::shared_ptr<const Asker>& asker, Verb verb, std::span<const ItemName> items) = 0;
  /// The user's decision on such a question: noted in the log, and kept as one of a prompter is.
  /// kOnce: the asking process (question.asker->chain.front()) may use each of the items once
  /// within 30 s.
  virtual absl::Status decided(const Question& question, Decision decision) = 0;
};

}  // namespace tacit
