#include "daemon/access/facts_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace tacit {

namespace {
using Steady = std::chrono::steady_clock;
}

struct FactsPool::State {
  struct Job {
    absl::AnyInvocable<void()> work;
    absl::AnyInvocable<void()> late;
  };
  struct Running {
    Steady::time_point deadline;
    absl::AnyInvocable<void()> late;
    bool stuck = false;
  };

  explicit State(const Limits& wanted) : limits(wanted) {}
  void work();
  void watch();
  // Takes what is overdue, and all that waits if nobody is left to do it.
  std::vector<absl::AnyInvocable<void()>> overdue(Steady::time_point now);

  const Limits limits;
  std::mutex mutex;  // guards all below
  std::condition_variable work_waits;
  std::condition_variable watch_needed;
  std::condition_variable thread_ended;
  std::deque<Job> waiting;
  std::list<Running> running;  // in the order in which they began
  std::size_t threads = 0;     // workers that have not ended
  std::size_t idle = 0;
  std::size_t stuck = 0;
  bool watched = false;         // there is a watcher
  bool watcher_asleep = false;  // without a deadline
  bool stop = false;
};

void FactsPool::State::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    ++idle;
    work_waits.wait(lock, [this] { return stop || !waiting.empty(); });
    --idle;
    if (stop) break;
    Job job = std::move(waiting.front());
    waiting.pop_front();
    const auto mine =
        running.insert(running.end(), {Steady::now() + limits.limit, std::move(job.late), false});
    if (std::exchange(watcher_asleep, false)) watch_needed.notify_one();
    lock.unlock();
    job.work();
    job.work = nullptr;
    lock.lock();
    if (mine->stuck) --stuck;
    running.erase(mine);
  }
  --threads;
  thread_ended.notify_all();
}

std::vector<absl::AnyInvocable<void()>> FactsPool::State::overdue(Steady::time_point now) {
  std::vector<absl::AnyInvocable<void()>> late;
  for (Running& job : running) {
    if (job.stuck || job.deadline > now) continue;
    job.stuck = true;
    ++stuck;
    late.push_back(std::move(job.late));
  }
  if (stuck == limits.threads) {
    for (Job& job : std::exchange(waiting, {})) late.push_back(std::move(job.late));
  }
  return late;
}

void FactsPool::State::watch() {
  std::unique_lock lock(mutex);
  while (!stop) {
    auto late = overdue(Steady::now());
    if (!late.empty()) {
      lock.unlock();
      for (auto& function : late) function();
      late.clear();
      lock.lock();
      continue;
    }
    const auto next = std::ranges::find(running, false, &Running::stuck);
    if (next == running.end()) {
      watcher_asleep = true;
      watch_needed.wait(lock, [this] { return stop || !watcher_asleep; });
      watcher_asleep = false;
    } else {
      const Steady::time_point deadline = next->deadline;
      watch_needed.wait_until(lock, deadline, [this] { return stop; });
    }
  }
  watched = false;
  thread_ended.notify_all();
}

FactsPool::FactsPool(const Limits& limits) : state_(std::make_shared<State>(limits)) {}

FactsPool::~FactsPool() {
  std::deque<State::Job> dropped;
  std::unique_lock lock(state_->mutex);
  state_->stop = true;
  dropped.swap(state_->waiting);
  state_->work_waits.notify_all();
  state_->watch_needed.notify_all();
  state_->thread_ended.wait_until(lock, Steady::now() + state_->limits.limit, [this] {
    return state_->threads <= state_->stuck && !state_->watched;
  });
}

void FactsPool::run(absl::AnyInvocable<void()> work, absl::AnyInvocable<void()> late) {
  std::unique_lock lock(state_->mutex);
  if (state_->stuck == state_->limits.threads) {
    lock.unlock();
    return late();
  }
  state_->waiting.push_back({std::move(work), std::move(late)});
  if (state_->idle < state_->waiting.size() && state_->threads < state_->limits.threads) {
    ++state_->threads;
    // Detached: a thread that is stuck could not be joined.
    std::thread([state = state_] { state->work(); }).detach();
    if (!std::exchange(state_->watched, true)) {
      std::thread([state = state_] { state->watch(); }).detach();
    }
  }
  state_->work_waits.notify_one();
}

}  // namespace tacit
