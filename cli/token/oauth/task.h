// What the program is told on standard input, and what it answers on standard output.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "cli/token/oauth/json_answer.h"
#include "tacit/access.h"  // ItemRef

namespace tacit::oauth {

enum class Mode { kRenew, kLogin, kRevoke, kDiscover };

struct Task {
  Mode mode = Mode::kRenew;
  ItemRef item;
  bool may_ask = false;  ///< the user may be asked, where there is a terminal or a prompter
  bool browser = false;  ///< and shown the page in one
  bool force = false;
  // For kDiscover alone.
  std::string issuer;
  std::string ca_file;
};

/// `{"collection", "name", "mode", "may_ask", "browser", "force", "issuer", "ca_file"}`; what is
/// not there is as in Task. Error kInvalidArgument.
Result<Task> parse_task(std::span<const unsigned char> line);

struct NotRevoked {
  std::string token;  ///< `refresh_token` or `access_token`
  std::string why;
};

/// What came of it.
struct Done {
  std::uint64_t version = 0;
  std::vector<NotRevoked> not_revoked;
};

// One line of JSON each, which never holds a token.
SecretBytes line_of(const Done& done);
SecretBytes line_of(const Metadata& found);
SecretBytes line_of(const Error& error);

}  // namespace tacit::oauth
