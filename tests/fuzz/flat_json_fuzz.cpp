// What tacit-renew answers: one object, or nothing. What was read can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "client/cpp/base/utf8.h"
#include "client/cpp/flat_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read =
      tacit::parse_flat_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!read) return 0;
  std::string again = "{";
  for (const auto& [name, value] : *read) {
    if (!tacit::is_utf8(tacit::as_bytes(name)) || !tacit::is_utf8(tacit::as_bytes(value))) {
      std::abort();
    }
    again +=
        (again.size() > 1 ? "," : "") + tacit::json_string(name) + ":" + tacit::json_string(value);
  }
  if (tacit::parse_flat_json(again + "}") != read) std::abort();
  return 0;
}
