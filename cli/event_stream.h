// What the daemon tells its prompter, received on a thread of its own, so that a question can be
// withdrawn while the user looks at it.
#pragma once
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tacit/client.h"

namespace tacit::cli {

/// A registration, from construction to destruction. All but its inner thread is for one thread.
class EventStream {
 public:
  /// Throws std::system_error without descriptors or threads.
  EventStream(ClientOptions options, std::optional<Credential> credential, std::string means);
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  /// Ends the registration.
  ~EventStream();

  /// Readable when there is something to `take`, or the stream has ended.
  int fd() const noexcept { return arrived_; }
  std::optional<PromptEvent> take();
  /// How it ended; none: it goes on, or there is something to take yet.
  std::optional<Result<void>> end();

  /// From now on `void_fd` becomes readable once this question is withdrawn or the stream ends.
  void stand_by(std::uint64_t question_id);
  int void_fd() const noexcept { return void_; }

 private:
  void run(ClientOptions options, std::optional<Credential> credential, const std::string& means);
  void accept(PromptEvent event);

  int arrived_ = -1;
  int void_ = -1;
  Stopper stopper_;
  std::mutex mutex_;
  std::deque<PromptEvent> events_;  ///< under `mutex_`, as what follows
  std::optional<Result<void>> end_;
  std::optional<std::uint64_t> standing_;  ///< the question that the user looks at
  std::thread thread_;
};

}  // namespace tacit::cli
