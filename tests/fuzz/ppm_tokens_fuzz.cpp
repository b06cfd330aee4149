// Files of another program's tokens: read, or refused with a message that tells none of them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/token/ppm_tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = tacit::cli::parse_ppm_tokens(text, "FILE");
  if (!read.ok() && !read.error().message.starts_with("FILE:")) std::abort();
  if (!read.ok()) return 0;
  for (const auto& one : *read) {
    if (one.token.empty()) std::abort();
  }
  return 0;
}
