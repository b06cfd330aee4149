#include "cli/pinentry/find_pinentry.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace tacit::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool trustworthy(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         (facts.st_uid == 0 || facts.st_uid == geteuid()) &&
         (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0 && access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> in_path(const PinentryFacts& facts, std::string_view name) {
  for (const std::string& folder : facts.path) {
    if (folder.empty() || folder.front() != '/') continue;
    std::string candidate = folder + "/" + std::string(name);
    if (trustworthy(candidate)) return candidate;
  }
  return {};
}

Error unusable(const std::string& chosen) {
  return {Reason::kNoPrompter,
          "the pinentry that was chosen, " + chosen +
              ", is no executable file that only you or root can write; set PINENTRY to an "
              "absolute path, or unset it"};
}

}  // namespace

PinentryFacts pinentry_facts(bool terminal) {
  PinentryFacts facts;
  facts.chosen = environment("PINENTRY");
  facts.display = !environment("DISPLAY").empty() || !environment("WAYLAND_DISPLAY").empty();
  facts.terminal = terminal;
  const std::string path = environment("PATH") + ":/usr/local/bin:/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    facts.path.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return facts;
}

Result<std::string> find_pinentry(const PinentryFacts& facts) {
  if (!facts.chosen.empty()) {
    if (facts.chosen.find('/') == std::string::npos) {
      if (auto found = in_path(facts, facts.chosen)) return std::move(*found);
      return unusable(facts.chosen);
    }
    if (facts.chosen.front() == '/' && trustworthy(facts.chosen)) return facts.chosen;
    return unusable(facts.chosen);
  }
  std::vector<std::string_view> names;
  if (facts.display) {
    names = {"pinentry-gnome3", "pinentry-qt",  "pinentry-qt5", "pinentry-gtk-2",
             "pinentry-fltk",   "pinentry-x11", "pinentry"};
  }
  if (facts.terminal) {
    names.insert(names.end(), {"pinentry-curses", "pinentry-tty", "pinentry"});
  }
  for (const std::string_view name : names) {
    if (auto found = in_path(facts, name)) return std::move(*found);
  }
  if (names.empty()) {
    return Error{Reason::kNoPrompter,
                 "there is neither a display nor a terminal to ask on; run this in a graphical "
                 "session or on a terminal"};
  }
  return Error{Reason::kNoPrompter,
               facts.display
                   ? "no pinentry is installed; install pinentry-gnome3, pinentry-qt or "
                     "pinentry-gtk2, or set PINENTRY to the path of one"
                   : "no pinentry for a terminal is installed; install pinentry-curses or "
                     "pinentry-tty, set PINENTRY to the path of one, or use --tty"};
}

bool may_use_terminal(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  for (const std::string_view kind : {"gnome3", "qt", "gtk", "fltk", "x11", "mac"}) {
    if (name.find(kind) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace tacit::cli
