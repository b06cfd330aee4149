// A program started by a test, watched through a pidfd so that nothing polls or sleeps.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tacit::test {

/// How a program ended.
struct Exit {
  int code = -1;       ///< -1 if a signal ended it
  int signal = 0;      ///< 0 if it exited by itself
  std::string errors;  ///< what it wrote to stderr
};

/// Owns the process: killed and reaped with the object. Not thread-safe.
class ChildProcess {
 public:
  /// argv[0] is an absolute path. `inherited` are given to the child as descriptors 3, 4, ...
  /// stdin is empty; stdout goes with stderr. Started by posix_spawn: the tests hold threads of
  /// gRPC, which a plain fork would lose.
  ChildProcess(const std::vector<std::string>& argv,
               const std::map<std::string, std::string>& environment,
               const std::vector<int>& inherited = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  /// Nothing happens if it is gone.
  void signal(int number) const;
  /// Empty if it still runs after that long. Later calls give the same answer again.
  std::optional<Exit> wait(std::chrono::milliseconds longest);
  bool running();
  /// What it has written so far.
  std::string output() const;

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  int output_ = -1;  ///< an unlinked file
  std::optional<int> status_;
};

/// Runs to the end (a minute at most) and gives the exit back.
Exit run(const std::vector<std::string>& argv,
         const std::map<std::string, std::string>& environment);

}  // namespace tacit::test
