// A child process that is killed just before one of its system calls which change a disk.
#pragma once
#include <functional>
#include <map>
#include <string>

namespace tacit::test {

struct Ended {
  bool killed = false;
  int calls = 0;  ///< writing calls seen, the one that it was killed at included
  std::map<std::string, int> by_name;  ///< how many of each
  std::string last_call;               ///< its name
  bool finished = false;               ///< it came to its end by itself
};

/// Runs `prepare` and `body` in a child. From `body` on, calls that write are counted by the kernel
/// (seccomp), and before the n-th the child is killed, so that it is never carried out. n = 0: it
/// is never killed.
Ended run_and_kill(int n, const std::function<bool()>& prepare, const std::function<void()>& body);

/// A number that a child leaves to its parent, whatever becomes of it, without a system call.
class SharedNumber {
 public:
  SharedNumber();
  ~SharedNumber();
  SharedNumber(const SharedNumber&) = delete;
  SharedNumber& operator=(const SharedNumber&) = delete;
  volatile int& value() { return *number_; }

 private:
  volatile int* number_;
};

}  // namespace tacit::test
