// The command of `tacit run --mask` and `--watch`, in a process group of its own, with a process
// between it and this one that says when it stops and ends.
#pragma once
#include <sys/types.h>

#include <csignal>
#include <functional>
#include <optional>

#include "client/cpp/base/file_descriptor.h"
#include "tacit/result.h"

namespace tacit::cli {

/// One thread. Where this process ends, however that comes, the command is killed.
class Job {
 public:
  /// Where its standard descriptors go; -1: where they go here.
  struct Streams {
    int input = -1;
    int output = -1;
    int error = -1;
    int terminal = -1;  ///< a terminal that shall be its session's; -1: it stays in this session
  };
  /// It was stopped by a signal, or has ended with a code or by a signal.
  struct Event {
    enum class Kind { kStopped, kExited, kKilled } kind;
    int number;  ///< signal or code
  };

  /// `body` runs in the new process, with the signals as `signals` has them, and returns its exit
  /// code if at all. Error kIoError.
  static Result<Job> start(const Streams& streams, const sigset_t& signals,
                           const std::function<int()>& body);
  Job(Job&&) noexcept = default;
  Job& operator=(Job&&) = delete;
  /// Kills it unless it has ended.
  ~Job();

  /// Its process and the group that this leads; not given to another while this object lives.
  pid_t pid() const noexcept { return pid_; }
  /// Readable when there is something to `take`.
  int fd() const noexcept { return reports_.get(); }
  std::optional<Event> take();
  /// To all of its group, or to the process that was started.
  void signal_group(int number) const noexcept;
  void signal_process(int number) const noexcept;
  /// A process of its group runs yet, looked up in /proc.
  bool group_runs() const;

 private:
  Job(pid_t between, FileDescriptor reports) : between_(between), reports_(std::move(reports)) {}

  pid_t between_;
  FileDescriptor reports_;
  pid_t pid_ = -1;
  bool ended_ = false;
};

}  // namespace tacit::cli
