// Slow work with credentials (Argon2id, opening a vault) on one thread of its own.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/session/process_key.h"

namespace tacit {

/// Runs on the vault thread when the work is back.
using Completion = absl::AnyInvocable<void()>;
/// Runs on the worker; what it touches is its own until the completion.
using Work = absl::AnyInvocable<Completion()>;
/// Runs on the vault thread when the turn has come: asks lock gate and policy again and takes
/// along what the work needs. An empty Work: answered already, nothing to do.
using Preparation = absl::AnyInvocable<Work()>;
/// Hands a function to the vault thread; callable from any thread.
using Post = std::function<void(absl::AnyInvocable<void()>)>;

/// One derivation at a time, for each takes up to 2 GiB; the others wait here, one a process.
/// Everything but the work itself belongs to the vault thread.
class Derivations {
 public:
  Derivations(Post post, std::size_t max_waiting);
  /// Waits for work in progress; the completions of the rest are dropped.
  ~Derivations();

  using Ticket = std::uint64_t;
  /// `abandoned` is called instead of `prepare` if the ticket is cancelled while it waits.
  /// Errors: kLimit, this process has one waiting or at work already, or too many wait.
  absl::Status enqueue(const ProcessKey& who, Preparation prepare, Completion abandoned,
                       Ticket& ticket);
  /// Drops it if it still waits. Work in progress goes on to its end.
  void cancel(Ticket ticket);
  void cancel_all();
  bool busy() const { return running_; }
  /// From a work that is under way: runs on the vault thread, before its completion.
  void tell(absl::AnyInvocable<void()> function) { post_(std::move(function)); }

 private:
  struct Waiting {
    Ticket ticket;
    ProcessKey who;
    Preparation prepare;
    Completion abandoned;
  };
  void start_next();
  void run();

  Post post_;
  std::size_t max_waiting_;
  std::deque<Waiting> waiting_;
  bool running_ = false;
  ProcessKey running_for_;
  Ticket last_ticket_ = 0;

  std::mutex mutex_;  ///< guards the two below, the hand-over to the worker
  Work work_;
  bool stop_ = false;
  std::condition_variable wake_;
  std::thread worker_;
};

}  // namespace tacit
