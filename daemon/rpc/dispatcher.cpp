#include "daemon/rpc/dispatcher.h"

#include <sodium.h>

#include <chrono>
#include <utility>

#include "daemon/rpc/call.h"
#include "daemon/rpc/hand_over.h"

namespace tacit {
namespace {

// So many calls are served as they come before all that wait are looked at to take turns: a look
// costs a system call.
constexpr int kServedBeforeLook = 8;
constexpr int kEventsALook = 4096;
// gRPC reads sockets only when it finds its queue empty, one socket each time. And the first time
// after an operation that was complete at once it does not read: what ended it has "kicked" the
// next read away (pollset_work of epoll1). A stream whose messages leave at once would so keep
// everybody else's calls unread to its end, a rotation for minutes.
constexpr int kTimesEmpty = 4;
// After a call that took so long the look costs nothing in comparison.
constexpr std::chrono::microseconds kLong{200};
// The deepest handler seen went 9.9 KiB down, SQLite and protobuf below it; half as much again for
// what was not seen. Clearing has its price at every call, so no more than that.
constexpr std::size_t kStackToClear = 16 * 1024;

}  // namespace

Dispatcher::Dispatcher(grpc::ServerCompletionQueue* queue, const Limits& limits, Peers& peers)
    : queue_(queue),
      limits_(limits),
      peers_(peers),
      turns_({limits.calls_per_process, limits.call_bytes_per_process, limits.calls_in_all,
              limits.call_bytes_in_all}) {}

void Dispatcher::run() {
  for (;;) {
    if (turns_.empty()) {
      void* tag = nullptr;
      bool ok = false;
      if (!queue_->Next(&tag, &ok)) return;
      take_over(tag);
      static_cast<Tag*>(tag)->fire(ok);
      if (served_in_a_row_ >= kServedBeforeLook) gather();
    } else {
      if (served_in_a_row_ >= kServedBeforeLook) gather();
      if (!turns_.empty()) serve(*turns_.pop());
    }
  }
}

void Dispatcher::gather() {
  served_in_a_row_ = 0;
  serving_ = true;  // what arrives now takes its turn
  int empty = 0;
  for (int i = 0; i < kEventsALook && empty < kTimesEmpty; ++i) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_->AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_MONOTONIC));
    if (next == grpc::CompletionQueue::SHUTDOWN) break;
    if (next == grpc::CompletionQueue::TIMEOUT) {
      ++empty;
      continue;
    }
    take_over(tag);
    static_cast<Tag*>(tag)->fire(ok);
  }
  serving_ = false;
}

bool Dispatcher::arrived(Call& call, std::size_t bytes) {
  if (serving_ || !turns_.empty()) return turns_.push(call.peer().process, &call, bytes);
  serve(call);
  return true;
}

void Dispatcher::resume(Call& call) {
  if (serving_ || !turns_.empty()) return requeue(call);
  serve(call);
}

void Dispatcher::requeue(Call& call) { turns_.push_again(call.peer().process, &call); }

void Dispatcher::call_ended() {
  --calls_;
  if (when_quiet_ && calls_ <= stuck_()) std::exchange(when_quiet_, nullptr)();
}

void Dispatcher::when_quiet(std::function<int()> stuck, std::function<void()> then) {
  if (calls_ <= stuck()) return then();
  stuck_ = std::move(stuck);
  when_quiet_ = std::move(then);
}

void Dispatcher::serve(Call& call) {
  serving_ = true;
  const auto start = std::chrono::steady_clock::now();
  call.serve();
  const auto took = std::chrono::steady_clock::now() - start;
  serving_ = false;
  served_in_a_row_ += took > kLong ? kServedBeforeLook : 1;
  sodium_stackzero(kStackToClear);
}

}  // namespace tacit
