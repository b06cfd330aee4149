// The command line of `user-secrets`, as Python's argparse takes it.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tacit/result.h"

namespace tacit::cli {

struct UserSecretsArguments {
  std::optional<std::string> folder;  ///< -p
  std::string verb;                   ///< empty: none
  std::vector<std::string> words;     ///< behind it, as many as the verb takes
  bool help = false;
};

/// By hand, since values stand among them: `[a,b]` or an empty one are values like any other, a
/// negative number is no option, and no message repeats what might be a value.
/// Error kInvalidArgument: an unknown verb or option; too few or too many words.
Result<UserSecretsArguments> parse_user_secrets(std::span<const std::string> arguments);

}  // namespace tacit::cli
