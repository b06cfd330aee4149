// References come from files and arguments of anybody: whatever parses must print to
// a text that parses to the same, within the limits that are promised.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tacit/reference.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = tacit::parse_reference(text);
  if (!parsed) {
    require(parsed.error().code == tacit::Reason::kInvalidArgument);
    require(!parsed.error().message.empty());
    return 0;
  }
  require(tacit::check_name(parsed->name, "name").ok());
  require(tacit::check_name(parsed->collection, "collection").ok());
  const std::string printed = to_string(*parsed);
  const auto again = tacit::parse_reference(printed);
  require(again.ok());
  require(again->name == parsed->name && again->collection == parsed->collection);
  require(again->attribute == parsed->attribute && again->version == parsed->version);
  require(to_string(*again) == printed);
  return 0;
}
