// New random secrets.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tacit/secret_bytes.h"

namespace tacit::cli {

/// What a generated secret is made of.
struct Generator {
  std::size_t length = 32;  ///< characters
  std::string characters;   ///< at least two, each once, ASCII
};

/// The characters of a named alphabet: `alnum`, `alpha`, `digits`, `hex`, `base64url`, `printable`.
std::optional<std::string> alphabet(std::string_view name);
std::vector<std::string_view> alphabet_names();

/// Each character drawn evenly, by libsodium's random source.
SecretBytes generate(const Generator& generator);

}  // namespace tacit::cli
