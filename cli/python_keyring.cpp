#include "cli/python_keyring.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "cli/input.h"
#include "cli/text_parts.h"

namespace tacit::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 64 * 1024;

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::string> backend_in_keyringrc(std::string_view content) {
  std::optional<std::string> found;
  bool in_section = false;
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const auto line = trimmed(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.starts_with('#') || line.starts_with(';')) continue;
    if (line.starts_with('[')) {
      in_section = line == "[backend]";
      continue;
    }
    const std::size_t equals = line.find_first_of("=:");
    if (!in_section || equals == std::string_view::npos) continue;
    if (in_lower_case(trimmed(line.substr(0, equals))) != "default-keyring") continue;
    found = std::string(trimmed(line.substr(equals + 1)));
  }
  return found;
}

std::optional<PythonKeyringChoice> python_keyring_choice() {
  constexpr const char* kVariable = "PYTHON_KEYRING_BACKEND";
  if (auto backend = variable(kVariable); !backend.empty()) {
    return PythonKeyringChoice{kVariable, std::move(backend)};
  }
  std::string folder = variable("XDG_CONFIG_HOME");
  if (folder.empty()) folder = variable("HOME") + "/.config";
  std::string file = folder + "/python_keyring/keyringrc.cfg";
  const auto content = read_file(file, kMaxFileBytes);
  if (!content.ok()) return {};
  const auto bytes = content->bytes();
  auto backend = backend_in_keyringrc({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!backend) return {};
  return PythonKeyringChoice{std::move(file), *std::move(backend)};
}

}  // namespace tacit::cli
