// A git program that is spoken to through pipes.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/result.h"

namespace tacit::cli {

/// One `git ...`, found through PATH; what it says on standard error goes to ours. One thread.
class Git {
 public:
  /// Errors: kNotFound, there is no git; kIoError.
  /// `complaints_too`: what it says on standard error comes with its output.
  static Result<Git> start(std::vector<std::string> arguments, bool complaints_too = false);
  Git(Git&& other) noexcept;
  Git& operator=(Git&&) = delete;
  /// Ends it, if `finish` was not called.
  ~Git();

  /// To its standard input. The caller sees to it that it does not wait for us meanwhile.
  Result<void> write(std::string_view text);
  void close_input();
  /// Up to `end`, which is left out. None: the end of its output.
  Result<std::optional<std::string>> read_until(char end);
  /// Some of its output; 0: the end.
  Result<std::size_t> read(std::span<unsigned char> room);
  /// Waits for it. Error kIoError: it failed.
  Result<void> finish();

 private:
  Git() = default;
  Result<bool> fill();

  std::string command_;
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::size_t at_ = 0;
};

/// Whether the working folder is in a repository. Error kIoError: it is not, or git does not say
/// so; `who` needs one, as the message tells.
Result<void> need_repository(const std::string& who);

/// All that `git ARGUMENTS` prints, its last newline taken away.
Result<std::string> git_says(std::vector<std::string> arguments);

}  // namespace tacit::cli
