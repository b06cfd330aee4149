// A plain `.env`, as `tacit run --env-file` reads it. Its grammar is in cli/README.md.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/reference.h"
#include "tacit/result.h"
#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// One variable of it.
struct EnvFileEntry {
  std::string variable;
  SecretBytes value;                   ///< empty where it is a reference
  std::optional<Reference> reference;  ///< the value was `tacit://...`
  std::size_t line = 0;                ///< where it begins, from 1
};

/// Of a variable that is there twice the last, in the last one's place. Errors, kInvalidArgument,
/// naming `file` and the line, never anything that stands there: what is neither NAME=VALUE nor a
/// comment, a quote that does not end, text behind one, NUL, a malformed reference.
Result<std::vector<EnvFileEntry>> parse_env_file(std::string_view content, std::string_view file);

}  // namespace tacit::cli
