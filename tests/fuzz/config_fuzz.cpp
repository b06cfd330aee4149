// A settings file of any bytes gives settings within their ranges, or an error that names the
// file; never a crash.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/config/config.h"
#include "daemon/config/duration.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

bool in_range(std::chrono::seconds duration) {
  return duration >= std::chrono::seconds(0) && duration <= tacit::kMaxDuration;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      tacit::parse_config(std::string_view(reinterpret_cast<const char*>(data), size), "f.toml");
  if (!config.ok()) {
    require(config.status().message().find("f.toml:") == 0);
    return 0;
  }
  require(in_range(config->session.idle_timeout) && in_range(config->session.hard_timeout));
  require(config->limits.max_connections >= 16 && config->limits.max_connections <= 65536);
  require(config->limits.max_connections_per_process <= config->limits.max_connections);
  require(config->kdf.target_ms >= 250 && config->kdf.target_ms <= 10000);
  require(config->agents.markers.size() <= 64);
  return 0;
}
