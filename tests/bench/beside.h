// A client that reads without pause, in a process of its own, while something else goes on.
#pragma once
#include <sys/types.h>

#include <string>

namespace tacit::bench {

/// How long its gets took, in milliseconds.
struct ReadTimes {
  std::size_t gets = 0;
  double p50 = 0;
  double p99 = 0;
  double longest = 0;
};

/// Gets items of a spread vault (spread.h) from its construction to `stop`.
class ReaderBeside {
 public:
  ReaderBeside(const std::string& socket, int items);
  ReaderBeside(const ReaderBeside&) = delete;
  ReaderBeside& operator=(const ReaderBeside&) = delete;
  ~ReaderBeside();

  /// Throws std::runtime_error if a get failed.
  ReadTimes stop();

 private:
  struct Shared;
  Shared* shared_;
  pid_t child_ = -1;
};

}  // namespace tacit::bench
