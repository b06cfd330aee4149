// A template comes with a project from anybody: what is no reference comes out as it went in, and
// places are places of the text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/secret_template.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = tacit::cli::parse_template(text);
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const char* behind = text.data();
  std::size_t copied = 0;
  const auto good = [&](const tacit::cli::TextPlace& place) {
    return place.line >= 1 && place.line <= lines && place.column >= 1 && place.column <= size + 1;
  };
  for (const auto& piece : parsed.pieces) {
    if (piece.is_reference) {
      require(good(piece.place) && !piece.reference.name.empty());
      continue;
    }
    require(!piece.text.empty() && piece.text.data() >= behind);
    behind = piece.text.data() + piece.text.size();
    copied += piece.text.size();
  }
  require(behind <= text.data() + size && copied <= size);
  for (const auto& fault : parsed.faults) require(good(fault.place) && !fault.message.empty());
  if (text.find("{{") == std::string_view::npos) require(copied == size);
  return 0;
}
