#include "daemon/access/own_programs.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace tacit {
namespace {

constexpr std::array<std::string_view, 6> kNames{
    "tacit",         "user-secrets",  "git-credential-tacit", "docker-credential-tacit",
    "tacit-keyring", "tacit-askpass",
};

/// Beside that folder, for programs that nobody types.
constexpr std::string_view kHelpers = "libexec/tacit";
constexpr std::string_view kRenewer = "tacit-renew";

std::string_view parent_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

}  // namespace

OwnPrograms OwnPrograms::beside_this_program() {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink("/proc/self/exe", target.data(), target.size());
  if (length <= 0) return OwnPrograms({});
  const std::string_view path(target.data(), static_cast<std::size_t>(length));
  return OwnPrograms(std::string(path.substr(0, path.rfind('/'))));
}

bool OwnPrograms::contains(const Program& program) const {
  const std::size_t slash = program.executable.rfind('/');
  if (!program.file_known || folder_.empty() || slash == std::string::npos) return false;
  const std::string_view folder = std::string_view(program.executable).substr(0, slash);
  const std::string_view name = std::string_view(program.executable).substr(slash + 1);
  if (folder == folder_) return std::ranges::find(kNames, name) != kNames.end();
  const std::string_view above = parent_of(folder_);
  return name == kRenewer && folder.size() == above.size() + 1 + kHelpers.size() &&
         folder.starts_with(above) && folder.ends_with(kHelpers) && folder[above.size()] == '/';
}

}  // namespace tacit
