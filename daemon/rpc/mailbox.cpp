#include "daemon/rpc/mailbox.h"

#include <utility>

#include "daemon/rpc/hand_over.h"

namespace tacit {

void Mailbox::post(absl::AnyInvocable<void()> function) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(function));
  if (alarm_) return;
  alarm_ = std::make_unique<grpc::Alarm>();
  hand_over(this);
  // A time that has passed fires here and now; the present one is rounded up to the next
  // millisecond and waits for gRPC's timer thread.
  alarm_->Set(queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<Tag*>(this));
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void Mailbox::fire(bool) {
  take_over(this);
  std::vector<absl::AnyInvocable<void()>> functions;
  {
    const std::lock_guard lock(mutex_);
    functions = std::exchange(waiting_, {});
    alarm_.reset();
  }
  for (auto& function : functions) function();
}

}  // namespace tacit
