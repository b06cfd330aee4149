// The user's prompter, and the questions that wait for it.
#pragma once
#include "daemon/access/question.h"

namespace tacit {

/// Same questions of one program, session and collection are one question; one is shown at a time,
/// the others queue. Vault thread.
class Prompters {
 public:
  virtual ~Prompters() = default;
  /// Whether a prompter is registered that may judge what this asker wants.
  virtual bool can_ask(const Asker& asker) const = 0;
  /// `replied` is called once, later; with kNoPrompter at once if nobody can be asked.
  virtual Waiting ask(Question question, Replied replied) = 0;
  /// Who waited has gone: `replied` is dropped uncalled, and a question without waiters withdrawn.
  virtual void give_up(Waiting waiting) = 0;
  /// Shown by the prompter without an answer: a decoy was read.
  virtual void notify(const std::string& notice) = 0;
};

}  // namespace tacit
