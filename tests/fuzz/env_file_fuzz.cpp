// An env file comes with a project from anybody: its variables are names of POSIX, each once,
// without NUL in a value, and an error tells where and nothing of what stands there.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "cli/env_file.h"
#include "cli/environment.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
  const auto entries = tacit::cli::parse_env_file(text, "f");
  if (!entries) {
    require(entries.error().code == tacit::Reason::kInvalidArgument);
    require(entries.error().message.starts_with("f:") && entries.error().message.size() < 300);
    return 0;
  }
  std::set<std::string> seen;
  for (const auto& entry : *entries) {
    require(tacit::cli::is_variable_name(entry.variable));
    require(seen.insert(entry.variable).second);
    require(entry.line >= 1 && entry.line <= lines);
    require(std::ranges::find(entry.value.bytes(), 0) == entry.value.bytes().end());
    require(!entry.reference || entry.value.empty());
  }
  return 0;
}
