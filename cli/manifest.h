// `tacit.toml` of a project: which secrets it needs, never what they are. The keys are in
// cli/README.md.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/generator.h"
#include "tacit/result.h"

namespace tacit::cli {

inline constexpr const char* kManifestName = "tacit.toml";

/// One secret that the project needs: `[secrets.NAME]`.
struct NeededSecret {
  std::string name;
  std::string description;
  bool required = true;
  std::optional<std::string> fallback;  ///< `default`: for what is no secret
  std::optional<Generator> generator;   ///< `generate`
  std::string variable;                 ///< `env`; empty: none
  std::size_t line = 0;                 ///< where it stands, from 1
};

/// In the file's order. Errors, kInvalidArgument, as `FILE:LINE: what`: no TOML, an unknown key or
/// one of the wrong kind, and whatever looks like a value; that is never repeated.
Result<std::vector<NeededSecret>> parse_manifest(std::string_view text, const std::string& file);

}  // namespace tacit::cli
