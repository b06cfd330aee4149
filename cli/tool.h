// A program of the system that does one thing and ends.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

struct Tool {
  std::string program;                 ///< an absolute path
  std::vector<std::string> arguments;  ///< seen by every process: never a secret
  std::vector<std::string> environment;
  int input = -1;  ///< its standard input; -1: /dev/null
  /// What becomes of what it writes. What it leaves behind in the background keeps a pipe open.
  enum class Output { kNone, kStandard, kBoth } output = Output::kNone;
};

struct ToolEnd {
  int code = 0;  ///< as a shell tells it: 128 and the number of a signal that ended it
  SecretBytes output;
};

/// Runs it to its end, with default signals, in `/`. Errors: kIoError, it cannot be started;
/// kTimeout, it was not done within `patience` and was killed; kValueTooLarge, more than `limit`
/// bytes of output.
Result<ToolEnd> run_tool(const Tool& tool, std::chrono::milliseconds patience,
                         std::size_t limit = std::size_t{1024} * 1024);

/// This process's environment.
std::vector<std::string> whole_environment();

}  // namespace tacit::cli
