// A manifest comes with a project from anybody: it is taken whole, or an error names its line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/manifest.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto secrets = tacit::cli::parse_manifest(text, "tacit.toml");
  if (!secrets) {
    require(secrets.error().code == tacit::Reason::kInvalidArgument);
    require(secrets.error().message.starts_with("tacit.toml:"));
    return 0;
  }
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (const auto& secret : *secrets) {
    require(!secret.name.empty() && secret.line >= 1 && secret.line <= lines);
    if (!secret.generator) continue;
    require(!secret.fallback);
    require(tacit::cli::generate(*secret.generator).size() == secret.generator->length);
  }
  return 0;
}
