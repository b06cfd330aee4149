// URLs come from programs and from files of anybody: what parses has one way to be written, and
// what is below an address is of its server.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tacit/service_url.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

void check(const tacit::ServiceUrl& url) {
  const auto again = tacit::parse_service_url(to_string(url));
  require(again.has_value() && *again == url);
  require(url.scheme.empty() || is_below(url, url));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Two of them, one a line.
  const std::size_t line = text.find('\n');
  const auto url = tacit::parse_service_url(text.substr(0, line));
  if (url) check(*url);
  if (line == std::string_view::npos) return 0;
  const auto address = tacit::parse_service_url(text.substr(line + 1));
  if (address) check(*address);
  if (!url || !address || !is_below(*url, *address)) return 0;
  require(url->host == address->host);
  require(url->scheme.empty() || url->scheme == address->scheme);
  require(url->segments.size() >= address->segments.size());
  return 0;
}
