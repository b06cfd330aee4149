// The command line of `keyring`, as the Python program of that name takes it.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "tacit/result.h"

namespace tacit::cli {

struct KeyringArguments {
  enum class Operation { kNone, kGet, kSet, kDelete };

  Operation operation = Operation::kNone;
  std::string service;
  std::optional<std::string> username;  ///< always there for `set` and `del`
  bool credentials = false;             ///< --mode creds: the username as well
  bool json = false;                    ///< --output json
  bool help = false;
  bool version = false;
  bool list_backends = false;
};

/// Options may stand before, between and behind the words, in one argument or in two: pip and uv
/// differ there. Error kInvalidArgument: what the Python program exits 2 for, and its options for
/// other backends. No message repeats an argument: it may be a password that was meant for `set`.
Result<KeyringArguments> parse_keyring(std::span<const std::string> arguments);

}  // namespace tacit::cli
