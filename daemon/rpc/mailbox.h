// Functions that other threads hand to the vault thread.
#pragma once
#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "daemon/rpc/tag.h"

namespace tacit {

class Mailbox final : public Tag {
 public:
  explicit Mailbox(grpc::CompletionQueue* queue) : queue_(queue) {}

  /// Any thread. The function runs on the vault thread, in the order of the posts; after `close`
  /// it is dropped.
  void post(absl::AnyInvocable<void()> function);
  /// Before the queue is shut down.
  void close();

  void fire(bool ok) override;

 private:
  grpc::CompletionQueue* const queue_;
  std::mutex mutex_;  ///< guards all below
  std::vector<absl::AnyInvocable<void()>> waiting_;
  std::unique_ptr<grpc::Alarm> alarm_;  ///< wakes the vault thread; set while some wait
  bool closed_ = false;
};

}  // namespace tacit
