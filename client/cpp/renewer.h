// Running Tacit's own program that speaks to the servers of tokens.
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/cpp/flat_json.h"
#include "tacit/result.h"

namespace tacit {

/// How often it is run, and how long it may take.
struct RenewerLimits {
  /// For all of them. None: as long as it takes.
  std::optional<std::chrono::milliseconds> total;
  int stop_fd = -1;  ///< readable: broken off (kCancelled); -1: never
};

/// Runs `program` once for each of `tasks` (a JSON object in one line, which it gets on its
/// standard input), several at once, and returns their answers in the same order. Each descends
/// from this process, in its session and process group, with its standard error; the host gets no
/// SIGCHLD, its waits for any child see nothing, its fork handlers do not run and none of its
/// descriptors but standard error is passed on. None is left when this returns. `socket_path`,
/// unless empty, is where the daemon is. Errors of each: what it answered; kRenewalFailed, it could
/// not be run or gave no answer; kTimeout; kCancelled.
std::vector<Result<FlatJson>> run_renewers(const std::string& program,
                                           std::span<const std::string> tasks,
                                           const std::string& socket_path,
                                           const RenewerLimits& limits);

}  // namespace tacit
