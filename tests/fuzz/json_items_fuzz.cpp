// JSON comes from anywhere: in both styles every item has a name that a secret can have, and what
// is told of bad JSON is about a place in it.
#include <cstdint>
#include <cstdlib>

#include "cli/import/json_items.h"

namespace {

using tacit::cli::JsonStyle;

void require(bool promise) {
  if (!promise) std::abort();
}

void read(std::string_view content, JsonStyle style) {
  const auto items = tacit::cli::parse_json_items(content, "file", style);
  if (!items.ok()) {
    require(items.error().message.starts_with("file:"));
    return;
  }
  for (const auto& item : *items) {
    require(tacit::check_name(item.name, "name").ok() && item.value.size() <= content.size());
    require(!item.collection || tacit::check_name(*item.collection, "collection").ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  read(content, JsonStyle::kFlat);
  read(content, JsonStyle::kDotnet);
  return 0;
}
