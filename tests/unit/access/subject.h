// Processes for the daemon to look at: real ones, that stand still as long as they are needed.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/os/unique_fd.h"

namespace tacit::test {

struct SubjectOptions {
  std::vector<std::string> environment{"PATH=/usr/bin:/bin"};
  std::string folder{};       ///< where it starts; empty: where the test is
  bool own_session = true;    ///< without a terminal
  bool own_terminal = false;  ///< a session of its own on a new pseudo-terminal
  bool typed_into = false;    ///< with that one as its standard input
};

/// A program that has been started; killed and reaped with the object, and whatever it started in
/// its session with it. Descriptors 3 and 4 of it are pipes from and to the test.
class Subject {
 public:
  /// Returns when the program runs. `argv[0]` may differ from `executable`.
  Subject(const std::string& executable, const std::vector<std::string>& argv,
          const SubjectOptions& options = {});
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& terminal() const { return terminal_; }
  void write(const std::string& text);
  /// Fails the test after half a minute.
  std::string read_line();
  /// A number on a line of its own.
  pid_t read_pid() { return static_cast<pid_t>(std::stol(read_line())); }
  void kill_and_reap();

 private:
  pid_t pid_ = -1;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd controller_;  ///< of the pseudo-terminal
  std::string terminal_;
};

/// `sh -c script`, which tells pids by `echo $! >&4` and waits by `read x <&3`.
std::vector<std::string> shell(const std::string& script);

/// A scratch folder under /tmp, canonical.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  std::string path(const std::string& name = {}) const;
  /// A copy of /bin/cat, which as a program does nothing until its input ends.
  std::string program(const std::string& name) const;
  std::string file(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace tacit::test
