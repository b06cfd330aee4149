#include "cli/token/oauth/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

#include "cli/token/oauth/address.h"

namespace tacit::oauth {
namespace {

struct SpawnPlan {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes, &set);
    posix_spawnattr_setflags(
        &attributes,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
};

}  // namespace

std::vector<std::string> browser_command(const std::string& url) {
  const char* const set = std::getenv("BROWSER");
  std::string_view chosen = set == nullptr ? "" : set;
  chosen = chosen.substr(0, chosen.find(':'));
  std::vector<std::string> words;
  bool placed = false;
  while (!chosen.empty()) {
    std::string word(chosen.substr(0, chosen.find(' ')));
    chosen.remove_prefix(std::min(chosen.size(), word.size() + 1));
    if (word.empty()) continue;
    if (const auto at = word.find("%s"); at != std::string::npos) {
      word.replace(at, 2, url);
      placed = true;
    }
    words.push_back(std::move(word));
  }
  if (words.empty()) words.emplace_back("xdg-open");
  if (!placed) words.push_back(url);
  return words;
}

bool open_browser(const std::string& url) {
  if (!parse_address(url)) return false;
  const std::vector<std::string> words = browser_command(url);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const SpawnPlan plan;
  pid_t child = 0;
  return posix_spawnp(&child, arguments[0], &plan.actions, &plan.attributes, arguments.data(),
                      environ) == 0;
}

}  // namespace tacit::oauth
