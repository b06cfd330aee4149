#include "daemon/session/derivations.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "daemon/base/status.h"

namespace tacit {
namespace {
constexpr std::size_t kStackToClear = 64 * 1024;
}

Derivations::Derivations(Post post, std::size_t max_waiting)
    : post_(std::move(post)), max_waiting_(max_waiting), worker_([this] { run(); }) {}

Derivations::~Derivations() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  worker_.join();
}

absl::Status Derivations::enqueue(const ProcessKey& who, Preparation prepare, Completion abandoned,
                                  Ticket& ticket) {
  const bool has_one = (running_ && running_for_ == who) ||
                       std::ranges::find(waiting_, who, &Waiting::who) != waiting_.end();
  if (has_one) {
    return make_error(Reason::kLimit,
                      "this program already waits for a passphrase to be checked; wait for that");
  }
  if (waiting_.size() >= max_waiting_) {
    return make_error(Reason::kLimit,
                      "too many programs wait for a passphrase to be checked; try again later");
  }
  ticket = ++last_ticket_;
  waiting_.push_back({ticket, who, std::move(prepare), std::move(abandoned)});
  start_next();
  return absl::OkStatus();
}

void Derivations::cancel(Ticket ticket) {
  const auto found = std::ranges::find(waiting_, ticket, &Waiting::ticket);
  if (found == waiting_.end()) return;
  Completion abandoned = std::move(found->abandoned);
  waiting_.erase(found);
  abandoned();
}

void Derivations::cancel_all() {
  while (!waiting_.empty()) cancel(waiting_.front().ticket);
}

void Derivations::start_next() {
  while (!running_ && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    running_ = true;  // so that a preparation that enqueues does not start another
    running_for_ = next.who;
    Work work = next.prepare();
    if (!work) {
      running_ = false;
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      work_ = std::move(work);
    }
    wake_.notify_one();
  }
}

void Derivations::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || work_; });
    if (stop_) return;
    Work work = std::exchange(work_, nullptr);
    lock.unlock();
    Completion completion = work();
    work = nullptr;
    sodium_stackzero(kStackToClear);
    post_([this, completion = std::move(completion)]() mutable {
      running_ = false;
      completion();
      start_next();
    });
    lock.lock();
  }
}

}  // namespace tacit
