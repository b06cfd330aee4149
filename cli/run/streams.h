// How the output of a command comes here to be masked.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "cli/run/job.h"
#include "cli/run/relay.h"
#include "cli/run/user_terminal.h"

namespace tacit::cli {

/// The command's ends, for its start, and ours. For one start.
struct MaskedStreams {
  Job::Streams streams;
  std::vector<FileDescriptor> theirs;  ///< what `streams` names; to be closed once it has started
  std::vector<std::unique_ptr<Relay>> relays;
  FileDescriptor keyboard;  ///< what is written here the command reads as typed; none: no terminal
};

/// Whether the command gets a terminal of its own: standard output is one, or standard error is
/// while standard output is no pipe, whose reader, a pager perhaps, reads the terminal.
bool wants_terminal() noexcept;

/// `terminal`: where the command gets one of its own, the user's. `patterns` must outlive the
/// relays. Error kIoError.
Result<MaskedStreams> masked_streams(const UserTerminal* terminal, const MaskPatterns& patterns);

}  // namespace tacit::cli
