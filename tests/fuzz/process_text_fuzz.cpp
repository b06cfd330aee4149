// What processes may write into their own /proc files, and how it is shown.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/access/interpreters.h"
#include "daemon/access/process_text.h"
#include "daemon/access/shown.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

void scan(std::string_view text, std::size_t piece) {
  static const std::vector<std::string> markers{"A", "AGENT_1"};
  tacit::EnvironmentScan whole(markers);
  whole.read(text);
  tacit::EnvironmentScan pieces(markers);
  for (std::size_t at = 0; at < text.size(); at += piece) pieces.read(text.substr(at, piece));
  require(whole.marker() == pieces.marker() && whole.preload() == pieces.preload() &&
          whole.folder() == pieces.folder());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: {
      const auto stat = tacit::parse_stat(text);
      if (stat) require(stat->parent >= 0 && stat->session >= 0);
      break;
    }
    case 1:
      scan(text, 1 + data[0] / 5);
      break;
    case 2: {
      const std::string unit = tacit::unit_of(text);
      require(unit.find('/') == std::string::npos && unit.find('\n') == std::string::npos);
      tacit::is_service_manager(text);
      break;
    }
    case 3: {
      const auto words = tacit::split_arguments(text);
      for (const char* executable :
           {"/bin/sh", "python3.11", "node", "awk", "java", "deno", "php"}) {
        const auto script = tacit::script_argument(executable, words);
        require(script.interpreter);
        if (!script.path.empty()) {
          require(std::find(words.begin() + 1, words.end(), script.path) != words.end());
        }
      }
      break;
    }
    default: {
      const std::string once = tacit::shown(text, 16 + data[0]);
      require(once.size() <= 16u + data[0]);
      require(tacit::shown(once, once.size()) == once);
      require(once.find_first_of("\n\r\x1b\x7f") == std::string::npos);
    }
  }
  return 0;
}
