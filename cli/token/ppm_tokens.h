// The file in which posit-keyring and its kin keep tokens: `~/.ppm/tokens.toml`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

struct PpmToken {
  std::string address;
  SecretBytes token;
};

/// TOML, `[[connections]]` with `address` and `token`; what else stands there is passed over.
/// `path` names it in messages. Errors, kInvalidArgument: no such file; an entry lacks either.
Result<std::vector<PpmToken>> parse_ppm_tokens(std::string_view text, const std::string& path);

}  // namespace tacit::cli
