// What the program is told on standard input, and what it answers on standard output.
#pragma once
#include <span>
#include <string>

#include "cli/token/oauth/json_answer.h"
#include "tacit/access.h"  // ItemRef

namespace tacit::oauth {

enum class Mode { kRenew, kLogin, kRevoke, kDiscover };

struct Task {
  Mode mode = Mode::kRenew;
  ItemRef item;
  bool may_ask = false;   ///< the user may be asked to log in
  bool terminal = false;  ///< on the terminal too; the caller's standard input allows it
  bool browser = false;   ///< and shown the page in one
  bool force = false;
  // For kDiscover alone.
  std::string issuer;
  std::string ca_file;
};

/// `{"collection", "name", "mode", "may_ask", "terminal", "browser", "force", "issuer",
/// "ca_file"}`; what is not there is as in Task. Error kInvalidArgument.
Result<Task> parse_task(std::span<const unsigned char> line);

/// What came of it.
struct Done {
  std::uint64_t version = 0;  ///< 0: none, it was revoked
  std::string message{};      ///< what was not done, though all is well; empty: nothing
};

// One line of JSON each, with nothing nested, which never holds a token.
SecretBytes line_of(const Done& done);
SecretBytes line_of(const Metadata& found);
SecretBytes line_of(const Error& error);

}  // namespace tacit::oauth
