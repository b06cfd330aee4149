// What every verb has at hand: the global options, the daemon and the terminal.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/prompt.h"
#include "tacit/client.h"

namespace tacit::cli {

/// Options that every verb understands.
struct GlobalOptions {
  std::string collection{kDefaultCollection};
  bool collection_given = false;
  bool json = false;
  bool no_input = false;
};

class Context {
 public:
  GlobalOptions options;
  /// What stands behind `--`, for a verb that takes a command; never parsed.
  std::vector<std::string> command;

  /// Connects at its first call and starts the daemon where none runs.
  Client& client();
  /// The user, if somebody can be asked; looked up once. nullptr: nobody.
  Terminal* terminal();
  /// `text` as a reference, else as a name in the collection of `-c`. Error kInvalidArgument
  /// also for a reference to another collection than `-c` names.
  Result<Reference> resolve(const std::string& text) const;
  /// The same where `-c` is for bare names alone, one of several.
  Result<Reference> resolve_one_of_many(const std::string& text) const;

 private:
  std::optional<Client> client_;
  std::optional<Terminal> terminal_;
  bool terminal_known_ = false;
};

}  // namespace tacit::cli
