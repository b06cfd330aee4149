// The store of python-env-secrets is another program's file: every item has a name that a secret
// can have, once, and what is told of a bad line repeats nothing of it.
#include <cstdint>
#include <cstdlib>
#include <set>

#include "cli/import/env_secrets_store.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto items = tacit::cli::parse_env_secrets(content, "file");
  if (!items.ok()) {
    require(items.error().message.starts_with("file:") && items.error().message.size() < 150);
    return 0;
  }
  std::set<std::string> names;
  for (const auto& item : *items) {
    require(tacit::check_name(item.name, "name").ok() && names.insert(item.name).second);
    require(item.name.size() + item.value.size() < size);
    for (const unsigned char byte : item.value.bytes()) require(byte != '\n' && byte != '\r');
  }
  return 0;
}
