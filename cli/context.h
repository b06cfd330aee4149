// What every verb has at hand: the global options, the daemon and the terminal.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "client/cpp/terminal/terminal.h"
#include "tacit/client.h"

namespace tacit::cli {

/// Options that every verb understands.
struct GlobalOptions {
  std::string collection{kDefaultCollection};
  bool collection_given = false;
  bool global = false;  ///< the default collection, whatever the project
  std::string profile;  ///< of the collection that is meant; empty: none
  bool json = false;
  bool no_input = false;
};

class Context {
 public:
  GlobalOptions options;
  /// Tokens are read as they are: for a verb that gives none of them. Before the first call.
  bool renew_tokens = true;
  /// What stands behind `--`, for a verb that takes a command; never parsed.
  std::vector<std::string> command;

  /// Connects at its first call and starts the daemon where none runs. Its calls may wait for the
  /// user's prompter where there is no terminal to ask on; where there is one, that comes first for
  /// a passphrase, and only after `use_prompter` the prompter is asked for consent.
  Client& client();
  /// From now on calls may wait for the prompter. False: they may already, or nobody may be asked.
  bool use_prompter();
  /// The user, if somebody can be asked; looked up once. nullptr: nobody.
  Terminal* terminal();
  /// What to do so that somebody can be asked, as of `hindrance`; empty where there is a terminal.
  const std::string& how_to_be_asked();
  /// Where bare names are: the collection of `-c`, in a project's folder the project's, else the
  /// default one; with `--profile P` that collection's profile. Found out once, which asks the
  /// daemon in a project's folder alone. Errors: those of `collection_of_names`.
  Result<std::string> collection();
  /// `text` as a reference, else as a name in `collection()`. Error kInvalidArgument also for a
  /// reference to another collection than `-c` names.
  Result<Reference> resolve(const std::string& text);
  /// The same where `-c` is for bare names alone, one of several.
  Result<Reference> resolve_one_of_many(const std::string& text);

 private:
  std::optional<std::string> collection_;
  std::optional<Client> client_;
  bool interaction_ = false;
  std::optional<Terminal> terminal_;
  std::string how_to_be_asked_;
  bool terminal_known_ = false;
};

}  // namespace tacit::cli
