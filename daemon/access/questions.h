// Questions that wait for the user: the same ones merged, the others in line. Knows no prompter.
#pragma once
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/access/question.h"
#include "daemon/os/boot_time.h"

namespace tacit {

struct QuestionLimits {
  std::size_t questions = 64;
  std::size_t waiters = 4096;  ///< of all questions
};

/// One question and all who wait for its answer.
struct PendingQuestion {
  std::uint64_t id = 0;
  Question question;
  std::set<std::string> names;  ///< those of `question`
  std::vector<std::pair<Waiting, Replied>> waiters;
  std::optional<BootTime> due;  ///< set when it is shown
  bool checking = false;        ///< a credential that came with an answer is being checked
  std::string error;            ///< what the last answer was wrong about
};

/// What makes two of them one: kind, program, session, collection and verb. A program that is
/// not known, or runs an unnamed script, is the same as itself alone.
bool same_question(const Question& one, const Question& other);

/// Vault thread.
class Questions {
 public:
  explicit Questions(QuestionLimits limits) : limits_(limits) {}

  /// Joins a question that waits or makes a new one. What the user has before the eyes already is
  /// joined only by who asks for nothing beyond it, and never where each use is asked for: the
  /// user was told of how many. Errors: kLimit.
  absl::StatusOr<Waiting> add(Question question, Replied replied);
  /// True if that was the only waiter of the question that is shown: `shown()` is now none.
  /// `gone` gets its number.
  bool give_up(Waiting waiting, std::uint64_t& gone);

  /// The one before the user, and the first that is not; null if there is none.
  PendingQuestion* shown();
  PendingQuestion* show_next(BootTime due);

  /// Takes out the shown one.
  PendingQuestion take_shown();
  /// Takes out those in line that a standing answer to `question` settles, too.
  std::vector<PendingQuestion> take_settled_by(const Question& question, Decision decision);
  /// Takes out those of which `wanted` is true.
  template <class Wanted>
  std::vector<PendingQuestion> take_if(Wanted wanted) {
    std::vector<PendingQuestion> out;
    for (auto it = all_.begin(); it != all_.end();) {
      it = wanted(std::as_const(*it)) ? take(it, out) : std::next(it);
    }
    return out;
  }

  std::size_t size() const { return all_.size(); }
  std::size_t waiters() const { return waiting_.size(); }

 private:
  using All = std::list<PendingQuestion>;
  All::iterator take(All::iterator which, std::vector<PendingQuestion>& out);
  All::iterator find_mergeable(const Question& question);

  const QuestionLimits limits_;
  All all_;  ///< the shown one, if any, is the first
  bool showing_ = false;
  std::map<Waiting, All::iterator> waiting_;
  Waiting last_waiting_ = 0;
  std::uint64_t last_id_ = 0;
};

}  // namespace tacit
