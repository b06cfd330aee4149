#include "cli/keyring/on_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "cli/find_program.h"

namespace tacit::cli {
namespace {

bool is_program(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

bool is_tacit_keyring(const std::string& path) {
  std::error_code failed;
  // The end of all links that are there, by its name: what goes by another one is no `tacit`.
  auto end = std::filesystem::weakly_canonical(path, failed);
  if (failed) return false;
  if (std::filesystem::is_symlink(end, failed)) end = std::filesystem::read_symlink(end, failed);
  return end.filename() == "tacit";
}

std::vector<KeyringProgram> keyrings_on_path(std::string_view path) {
  std::vector<KeyringProgram> found;
  for (std::string& candidate : folders_in(path)) {
    // A relative folder is another one wherever the tools are started.
    if (candidate.empty() || candidate.front() != '/') continue;
    while (candidate.size() > 1 && candidate.back() == '/') candidate.pop_back();
    candidate += candidate == "/" ? "" : "/";
    candidate += kKeyringName;
    const bool again = std::ranges::find(found, candidate, &KeyringProgram::path) != found.end();
    if (again || !is_program(candidate)) continue;
    const bool is_tacit = is_tacit_keyring(candidate);
    found.push_back({std::move(candidate), is_tacit});
  }
  return found;
}

std::vector<KeyringProgram> keyrings_on_path() {
  const char* const path = std::getenv("PATH");
  return keyrings_on_path(path == nullptr ? "" : path);
}

}  // namespace tacit::cli
