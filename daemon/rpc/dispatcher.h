// The vault thread: takes what gRPC and other threads have to say, and serves calls in turn.
#pragma once
#include <grpcpp/completion_queue.h>

#include <cstddef>
#include <functional>

#include "daemon/rpc/limits.h"
#include "daemon/rpc/peers.h"
#include "daemon/rpc/tag.h"
#include "daemon/rpc/turns.h"

namespace tacit {

class Call;

/// All but the constructor belongs to the vault thread.
class Dispatcher {
 public:
  Dispatcher(grpc::ServerCompletionQueue* queue, const Limits& limits, Peers& peers);

  /// Until the queue is shut down and empty.
  void run();

  grpc::ServerCompletionQueue* queue() { return queue_; }
  Peers& peers() { return peers_; }
  const Limits& limits() const { return limits_; }

  /// A call came in: served now if nobody waits, else in turn. False: too many wait.
  [[nodiscard]] bool arrived(Call& call, std::size_t bytes);
  /// A stream may go on. `resume`: called from the event loop, may serve at once. `requeue`:
  /// called while serving, always waits for the next turn.
  void resume(Call& call);
  void requeue(Call& call);

  /// A call got its request; it is over and gone.
  void call_began() { ++calls_; }
  void call_ended();
  /// Calls `then` once no more than `stuck()` calls are left: those that nothing will end.
  void when_quiet(std::function<int()> stuck, std::function<void()> then);

  /// From now on calls are refused and none is awaited any more.
  void stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

 private:
  void serve(Call& call);
  void gather();

  grpc::ServerCompletionQueue* const queue_;
  const Limits& limits_;
  Peers& peers_;
  Turns<Process*, Call*> turns_;
  int served_in_a_row_ = 0;  ///< since the queue was last seen empty
  bool serving_ = false;
  bool stopping_ = false;
  int calls_ = 0;
  std::function<int()> stuck_;
  std::function<void()> when_quiet_;
};

}  // namespace tacit
