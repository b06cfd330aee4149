// An entry of pass is whatever somebody wrote: nothing of it is lost, and every attribute is one
// that the vault takes.
#include <cstdint>
#include <cstdlib>

#include "cli/import/pass_entry.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

bool blank(std::uint8_t byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte == ':';
}

std::size_t count(const unsigned char* data, std::size_t size) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < size; ++i) seen += blank(data[i]) ? 0 : 1;
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto items = tacit::cli::parse_pass_entry("n", {reinterpret_cast<const char*>(data), size});
  require(items.size() == 1 || items.size() == 2);
  std::size_t kept = 0;
  for (const auto& item : items) kept += count(item.value.bytes().data(), item.value.size());
  require(items[0].attributes.size() <= 64);
  for (const auto& [key, value] : items[0].attributes) {
    require(!key.empty() && key.size() <= 256 && value.size() <= 1024);
    for (const std::string& text : {key, value}) {
      kept += count(reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
  }
  require(kept == count(data, size));
  return 0;
}
