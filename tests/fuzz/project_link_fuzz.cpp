// A `.env` comes with a project from anybody: an id found in it is a UUID and nothing else, and an
// error tells nothing of what stands there.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/project_link.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = tacit::cli::parse_project_id(text, ".env");
  if (!found) {
    require(found.error().code == tacit::Reason::kInvalidArgument);
    require(found.error().message.size() < 200 && found.error().message.starts_with(".env:"));
    return 0;
  }
  if (!*found) return 0;
  const auto& id = **found;
  require(id.text.size() == 36);
  require(id.text.find_first_not_of("0123456789abcdef-") == std::string::npos);
  require(id.line >= 1 &&
          id.line <= 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  return 0;
}
