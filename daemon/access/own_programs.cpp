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

/// Beside that folder, since nobody types its name.
constexpr std::string_view kRenewer = "/libexec/tacit/tacit-renew";

}  // namespace

OwnPrograms::OwnPrograms(std::string folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) renewer_ = folder_.substr(0, folder_.rfind('/')) + std::string(kRenewer);
}

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
  const std::string_view path = program.executable;
  if (path == renewer_) return true;
  return path.substr(0, slash) == folder_ &&
         std::ranges::find(kNames, path.substr(slash + 1)) != kNames.end();
}

}  // namespace tacit
