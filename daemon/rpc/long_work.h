// Work of minutes off the vault thread, whose progress a stream tells.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/rpc/core.h"
#include "daemon/rpc/stream.h"
#include "daemon/vault/replacement.h"  // Steps

namespace tacit {

/// Shared by the stream, which the client may leave, and the work, which then soon ends.
struct LongWork {
  std::atomic<std::uint64_t> rows_done{0};
  std::atomic<std::uint64_t> rows_total{0};
  std::atomic<bool> given_up{false};
  // The vault thread's.
  std::function<void()> wake;  ///< none: nobody listens any more
  std::optional<absl::Status> outcome;

  void end(const absl::Status& how) {
    outcome = how;
    if (wake) wake();
  }
};

inline constexpr std::chrono::milliseconds kProgressEvery{100};

/// For the worker: notes how far it is, now and then has the stream tell it, and ends the work when
/// nobody waits for it.
inline Steps steps_of(Core& core, std::shared_ptr<LongWork> work) {
  return [&core, work = std::move(work), told = std::chrono::steady_clock::time_point()](
             std::uint64_t done, std::uint64_t total) mutable -> absl::Status {
    if (work->given_up) return absl::CancelledError("the client gave up; nothing was changed");
    work->rows_done = done;
    work->rows_total = total;
    const auto now = std::chrono::steady_clock::now();
    if (now < told + kProgressEvery) return absl::OkStatus();
    told = now;
    core.derivations.tell([work] {
      if (work->wake) work->wake();
    });
    return absl::OkStatus();
  };
}

/// Has it done when the worker is free. `prepare`, on the vault thread, gives the Work or an error;
/// the Work's completion calls `work->end`. `abandoned`: its turn never came.
inline void start_long_work(Core& core, const ProcessKey& who,
                            const std::shared_ptr<LongWork>& work,
                            absl::AnyInvocable<absl::StatusOr<Work>()> prepare,
                            absl::AnyInvocable<void()> abandoned) {
  if (absl::Status wait = core.backoff.check(who, core.clock.now()); !wait.ok()) {
    abandoned();
    return work->end(wait);
  }
  auto dropped = std::make_shared<absl::AnyInvocable<void()>>(std::move(abandoned));
  const auto drop = [work, dropped](const absl::Status& why) {
    (*dropped)();
    work->end(why);
  };
  Derivations::Ticket ticket = 0;
  const absl::Status queued = core.derivations.enqueue(
      who,
      [work, drop, prepare = std::move(prepare)]() mutable -> Work {
        if (work->given_up) {
          drop(absl::CancelledError("the client gave up"));
          return nullptr;
        }
        absl::StatusOr<Work> ready = prepare();
        if (ready.ok()) return *std::move(ready);
        drop(ready.status());
        return nullptr;
      },
      [drop] { drop(absl::CancelledError("the daemon is stopping")); }, ticket);
  if (!queued.ok()) drop(queued);
}

/// A stream's end of it. The call outlives it.
template <class CallType>
class ProgressTeller {
 public:
  ProgressTeller(CallType& call, std::shared_ptr<LongWork> work) : work_(std::move(work)) {
    work_->wake = [&call] { call.wake(); };
  }
  ~ProgressTeller() {
    work_->wake = nullptr;
    work_->given_up = true;
  }
  ProgressTeller(const ProgressTeller&) = delete;
  ProgressTeller& operator=(const ProgressTeller&) = delete;

  /// The next message; once the work has ended well whatever `rest(reply)` gives, until that is
  /// false.
  template <class Rest>
  absl::StatusOr<Step> next(typename CallType::Reply& reply, Rest& rest) {
    if (work_->outcome && !work_->outcome->ok()) return *work_->outcome;
    reply.set_rows_done(work_->rows_done);
    reply.set_rows_total(work_->rows_total);
    if (work_->outcome) return rest(reply) ? Step::kSend : Step::kEnd;
    if (std::exchange(told_, work_->rows_done) == work_->rows_done) return Step::kWait;
    return Step::kSend;
  }

 private:
  std::shared_ptr<LongWork> work_;
  std::uint64_t told_ = 0;
};

/// Streams nothing but its progress and `rest`.
template <class CallType, class Rest>
void tell_progress(CallType& call, std::shared_ptr<LongWork> work, Rest rest) {
  auto teller = std::make_unique<ProgressTeller<CallType>>(call, std::move(work));
  call.stream([teller = std::move(teller), rest = std::move(rest)](
                  typename CallType::Reply& reply) mutable { return teller->next(reply, rest); });
}

}  // namespace tacit
